using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Tests.Unlearners;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

/// <summary>Labels of rows whose features are in a file: the same, bit for bit.</summary>
public sealed class StoredLabelingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Labels_are_the_same_with_features_in_a_file()
    {
        var (expected, inMemory) = await RunAsync(null);
        var (actual, stored) = await RunAsync(_folder.Path);
        Assert.DoesNotContain(true, inMemory);
        Assert.NotEmpty(stored);
        Assert.DoesNotContain(false, stored);
        Assert.Equal(expected.Schema.Select(column => column.Name), actual.Schema.Select(column => column.Name));
        foreach (var column in expected.Schema.Where(column => column.Type == NumberDataViewType.Single && !IsTime(column.Name)))
            Assert.Equal(expected.GetColumn<float>(column.Name), actual.GetColumn<float>(column.Name));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told_before_a_row_is_read()
    {
        var options = TinyStudy.LabelingOptions with { StoreFolder = _folder.File("no") };
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => new HardnessLabeler(options).RunAsync(TinyStudy.View(new MLContext(1), 40), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(_folder.File("no"), error.Message, StringComparison.Ordinal);
        Assert.Equal("StoreFolder", error.ParamName);
    }

    private static bool IsTime(string column) => column.EndsWith(".Seconds", StringComparison.Ordinal);

    private static async Task<(IDataView Labels, IEnumerable<bool> AreStored)> RunAsync(string? folder)
    {
        var watched = new WatchedRows();
        var options = TinyStudy.LabelingOptions with
        {
            Unlearners = [new ExactRetraining(), watched], TestData = TinyStudy.View(new MLContext(1), 40, seed: 2), StoreFolder = folder,
        };
        var labels = await new HardnessLabeler(options).RunAsync(
            TinyStudy.View(new MLContext(1), 80), cancellationToken: TestContext.Current.CancellationToken);
        return (labels.ToDataView(), watched.AreStored);
    }
}
