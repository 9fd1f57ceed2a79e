using Microsoft.ML;
using TorchSharp;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Tests.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Factors.Neighborhood;
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
    public void Points_of_a_target_without_representation_are_the_features()
    {
        using var scope = torch.NewDisposeScope();
        using var rows = TinyStudy.Rows(90);
        using var stored = TrainingRows.FromDataView(rows.ToDataView(new MLContext(1)), storePath: _folder.Path);
        var expected = NeighborIndex.UnitVectors(rows.Features).data<float>().ToArray();
        foreach (var from in new[] { rows, stored })
        {
            using var points = NearestRows.Points(from, features => features, TestContext.Current.CancellationToken);
            Assert.Equal(ReferenceEquals(from, stored), points.Tensor is null);
            Assert.Equal(expected, points.Slice(0, 90).data<float>().ToArray());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Near_duplicates_are_the_same(bool areTokens)
    {
        var random = new Random(3);
        float[][] features = [.. Enumerable.Range(0, 60).Select(row => (float[])[.. Enumerable.Range(0, 4).Select(_ => (float)random.Next(row % 7, 9))])];
        using var rows = new TrainingRows(
            [.. Enumerable.Range(0, 60).Select(row => $"{row}")], [.. features.SelectMany(row => row)], 4, [.. features.Select((_, row) => row % 2L)], 2);
        using var stored = TrainingRows.FromDataView(rows.ToDataView(new MLContext(1)), storePath: _folder.Path);
        using var target =
            TorchTarget.Untrained(areTokens ? TorchArchitecture.BagOfTokens(4, 10, 3, 2) : TorchArchitecture.Mlp(4, 2, 3), TorchDevice.Cpu, seed: 1);
        var expected = NearDuplicateGroups.Of(rows, target, cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(expected.Max(), 2, 58);
        Assert.Equal(expected, NearDuplicateGroups.Of(stored, target, cancellationToken: TestContext.Current.CancellationToken));
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
