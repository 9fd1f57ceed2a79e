using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Tests.Unlearners;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

/// <summary>Erasures with the features of the rows in a file: the same, bit for bit.</summary>
public sealed class StoredErasureTests(ErasureCase shared) : IClassFixture<ErasureCase>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _store = Directory.CreateTempSubdirectory("unlearn-store-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        Directory.Delete(_store, recursive: true);
    }

    [Fact]
    public async Task Plans_models_and_audits_are_the_same_with_features_in_a_file()
    {
        var (expected, inMemory) = await RunAsync("memory", null);
        var (actual, stored) = await RunAsync("file", _store);
        Assert.Equal(expected, actual);
        Assert.Equal([false, false], inMemory);
        Assert.Equal([true, true], stored);
        Assert.Empty(Directory.GetFiles(_store));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told()
    {
        var options = ErasureCase.Options() with { StoreFolder = _folder.File("no") };
        var error = Assert.Throws<ArgumentException>(
            () => ErasureWorkspace.Create(ErasureCase.Context(), _folder.File("w"), ErasureCase.Rows, shared.Model, shared.Labels, options));
        Assert.Contains(_folder.File("no"), error.Message, StringComparison.Ordinal);
    }

    // One request waits for its rows to go with the next retraining, so the others are unlearned from a part of the rows.
    private async Task<(IReadOnlyList<object> Facts, IEnumerable<bool> AreStored)> RunAsync(string name, string? store)
    {
        var watched = new WatchedRows();
        var time = new ManualTime();
        List<object> facts = [];
        var retrains = ErasureCase.Options(ErasureCase.Retrains) with { StoreFolder = store };
        using (var workspace = ErasureWorkspace.Create(
            ErasureCase.Context(), _folder.File(name), ErasureCase.Rows, shared.Model, shared.Labels, retrains, time))
            await workspace.ExecuteAsync(workspace.Plan(ErasureCase.Request("W", 20, 21)), null, Cancellation);

        var tunes = ErasureCase.Options(ErasureCase.FineTunes) with { StoreFolder = store, Unlearners = [watched] };
        using (var workspace = ErasureWorkspace.Open(ErasureCase.Context(), _folder.File(name), ErasureCase.Rows, tunes, time))
            foreach (var (id, rows) in new (string, int[])[] { ("A", [3, 7]), ("B", [8]) })
            {
                var plan = workspace.Plan(ErasureCase.Request(id, rows));
                facts.AddRange(plan.Rows.Select(row => (object)(row.RowId, row.ResidualMemoryBound)));
                facts.AddRange(Facts(await workspace.ExecuteAsync(plan, null, Cancellation)));
            }

        time.Advance(TimeSpan.FromDays(9));
        using (var workspace = ErasureWorkspace.Open(ErasureCase.Context(), _folder.File(name), ErasureCase.Rows, retrains, time))
        {
            facts.AddRange((await workspace.RetrainIfDueAsync(null, Cancellation)).SelectMany(Facts));
            facts.Add(workspace.RowIds.Count);
            Assert.Empty(workspace.VerifyAudit("W", ErasureCase.Rows));
        }
        return (facts, watched.AreStored);
    }

    private static IEnumerable<object> Facts(ErasureResult result) =>
    [
        result.ModelHash, result.Method!,
        .. result.Audits.SelectMany(audit => (object[])
        [
            audit.MeanResidualMemory, audit.RetainedAccuracyAfter, audit.TestAccuracyAfter, audit.ChangedPredictions, audit.ChangedNeighbors,
            .. audit.Rows.Select(row => (object)row.LogitConfidence),
        ]),
    ];
}
