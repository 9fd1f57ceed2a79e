using Microsoft.ML;
using Unlearn.MLNet.Tests.Unlearners;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

/// <summary>Unlearners, trials and studies on rows whose features are in a file: the same results, bit for bit.</summary>
public sealed class StoredRowsStudyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names =>
        [.. KnownUnlearners.All.Where(unlearner => unlearner.GetType().Assembly == typeof(IUnlearner).Assembly).Select(unlearner => unlearner.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_unlearner_gives_the_same_model(string name)
    {
        using var data = UnlearningCase.Cnn();
        using var stored = TrainingRows.FromDataView(data.Rows.ToDataView(new MLContext(1)), storePath: _folder.Path);
        var unlearner = KnownUnlearners.Find(name);
        using var expected = unlearner.Unlearn(data.Request(4, 7, 8), CancellationToken.None);
        using var actual = unlearner.Unlearn(new(data.Target, data.Recipe, stored, [4, 7, 8], seed: 11), CancellationToken.None);
        Assert.Equal(UnlearningCase.State(expected.Model), UnlearningCase.State(actual.Model));
    }

    [Fact]
    public async Task A_study_finds_the_same()
    {
        var expected = await RunAsync("memory", null);
        var actual = await RunAsync("file", _folder.Path);
        Assert.Equal(expected.Groups, actual.Groups);
        Assert.Equal(expected.NearestRows, actual.NearestRows);
        Assert.Equal(expected.Factors.SelectMany(factor => factor.Values), actual.Factors.SelectMany(factor => factor.Values));
        foreach (var (one, other) in expected.Unlearners.Zip(actual.Unlearners))
        {
            Assert.Equal(one.Scores, other.Scores);
            Assert.Equal((one.RetainedAccuracy, one.TestAccuracy), (other.RetainedAccuracy, other.TestAccuracy));
        }
    }

    private async Task<StudyResult> RunAsync(string name, string? storePath)
    {
        var view = TinyStudy.View(new MLContext(1), 120);
        using var rows = TrainingRows.FromDataView(view, storePath: storePath);
        using var testRows = TrainingRows.FromDataView(TinyStudy.View(new MLContext(1), 60, seed: 2), storePath: storePath);
        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        return await TinyStudy.Create(folder, workers: 2).RunAsync(rows, testRows);
    }
}
