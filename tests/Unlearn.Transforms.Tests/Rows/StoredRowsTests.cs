using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

/// <summary>Rows in a file: the same as in memory, bit for bit, and refused when the file is not whole.</summary>
public sealed class StoredRowsTests : IDisposable
{
    private const int Width = 6;
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _mlContext = new(1);

    private string File => _folder.File("rows.bin");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_are_the_rows_that_memory_would_hold(bool isNamed)
    {
        // In the file's blocks, 5,000 rows of 200 values fill one and begin others.
        foreach (var (count, width, isShuffled) in new[] { (2, 1, false), (7, 3, true), (90, Width, true), (90, Width, false), (5000, 200, true) })
        {
            var view = View(count, width, isShuffled);
            using var inMemory = TrainingRows.FromDataView(view);
            using var stored = TrainingRows.FromDataView(view, storePath: isNamed ? File : _folder.Path);
            AssertSame(inMemory, stored);
            if (!isNamed)
                continue;
            using var opened = TrainingRows.FromFile(File);
            AssertSame(inMemory, opened);
        }
    }

    [Fact]
    public void Texts_are_stored_too()
    {
        var view = _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 20).Select(row => new TextRow { RowId = row, Features = $"text {row} ü", Label = row % 2 == 0 }));
        using var inMemory = TrainingRows.FromDataView(view, maximumTextLength: 20);
        using var stored = TrainingRows.FromDataView(view, maximumTextLength: 20, storePath: File);
        using var opened = TrainingRows.FromFile(File);
        Assert.True(opened.AreTexts);
        Assert.Equal(["False", "True"], opened.ClassNames!);
        Assert.Equal(inMemory.ContentHash, opened.ContentHash);
        Assert.Equal(inMemory.ToDataView(_mlContext).GetColumn<string>("Features"), stored.ToDataView(_mlContext).GetColumn<string>("Features"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_recipe_trains_the_same_target(int stack)
    {
        using var inMemory = TrainingRows.FromDataView(View(90, Width));
        using var stored = TrainingRows.FromDataView(View(90, Width), storePath: _folder.Path);
        Assert.Equal(Train(inMemory), Train(stored));

        float[][] Train(TrainingRows rows)
        {
            var recipe = Recipe with { Stack = stack };
            int[] all = [.. Enumerable.Range(0, 90)];
            var targets = recipe.TrainMany(rows, [Spec(all, 1), Spec(all[..60], 2), Spec(all[30..], 3)]);
            using var traced = recipe.TrainWithGradientTrace(rows, all, seed: 4);
            using var scope = torch.NewDisposeScope();
            float[][] states = [.. targets.Append(traced).Select(target => State((TorchTarget)target)), [.. traced.Trace!.Confidences.SelectMany(row => row)]];
            foreach (var target in targets)
                target.Dispose();
            return states;
        }

        static TrainingSpec Spec(int[] positions, long seed) => new() { Positions = positions, Seed = seed };
    }

    [Fact]
    public void All_factors_are_the_same_learned_from_a_file_or_from_memory()
    {
        var view = View(90, Width, isShuffled: true);
        using var rows = TrainingRows.FromDataView(view);
        using var stored = TrainingRows.FromDataView(view, storePath: _folder.Path);
        using var target = Recipe.TrainWithGradientTrace(rows, Enumerable.Range(0, 90).ToArray(), seed: 4);
        var factors = HardnessFactors.All.Where(factor => factor.Tier < FactorTier.T3 && (factor.Requires & ~target.Capabilities) == 0).ToList();
        Assert.Contains(HardnessFactors.SelfInfluence, factors);
        var expected = Values(rows, "RowId", null);
        Assert.Equal(expected, Values(stored, "RowId", null));
        Assert.Equal(expected, Values(stored, "RowId", _folder.Path));
        Assert.Equal(Values(rows, "RowId", null, folds: 3), Values(stored, "RowId", _folder.Path, folds: 3));
        Assert.Equal(Without(rows, null), Without(rows, _folder.Path));
        Assert.Empty(Directory.GetFiles(_folder.Path));

        float[][] Without(TrainingRows from, string? folder)
        {
            var withoutIds = _mlContext.Transforms.DropColumns("RowId").Fit(from.ToDataView(_mlContext)).Transform(from.ToDataView(_mlContext));
            return Fit(withoutIds, [.. factors.Where(factor => factor.Tier < FactorTier.T2)], "RowId", folder, 0);
        }

        float[][] Values(TrainingRows from, string rowId, string? folder, int folds = 0) => Fit(from.ToDataView(_mlContext), factors, rowId, folder, folds);

        float[][] Fit(IDataView data, IReadOnlyList<IHardnessFactor> asked, string rowId, string? folder, int folds)
        {
            using var transformer = new MLContext(1).Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
            {
                Target = target, Factors = asked, RowIdColumnName = rowId, StoreFolder = folder, CrossFitFolds = folds, BatchSize = 16,
            }).Fit(data);
            return [.. transformer.Transform(data).GetColumn<float[]>("UnlearnFactors")];
        }
    }

    [Fact]
    public void A_named_file_stays_and_another_is_gone_with_the_rows()
    {
        var stored = TrainingRows.FromDataView(View(9, Width), storePath: File);
        var temporary = TrainingRows.FromDataView(View(9, Width), storePath: _folder.Path);
        stored.Dispose();
        temporary.Dispose();
        temporary.Dispose();
        Assert.Equal([File], Directory.GetFiles(_folder.Path));
        Assert.Throws<ObjectDisposedException>(() => temporary.FeaturesAt(0).Length);
    }

    [Fact]
    public void Rows_with_the_classes_of_others_share_the_file()
    {
        using var others = TrainingRows.FromDataView(Named("b", "a"));
        var stored = TrainingRows.FromDataView(Named("a", "b"), storePath: _folder.Path);
        using var ordered = stored.WithClassesOf(others, "rows");
        stored.Dispose();
        Assert.NotSame(stored, ordered);
        Assert.Equal([1f, 1f], ordered.FeaturesAt(1).ToArray());
        Assert.Equal(others.ClassNames, ordered.ClassNames);

        IDataView Named(string first, string second)
        {
            var rows = Enumerable.Range(0, 4).Select(row => new NamedRow { RowId = row, Features = [row, row], Label = row % 2 == 0 ? first : second });
            var view = _mlContext.Data.LoadFromEnumerable(rows);
            return _mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
        }
    }

    [Fact]
    public void What_needs_all_features_in_memory_says_what_to_do()
    {
        using var stored = TrainingRows.FromDataView(View(9, Width), storePath: _folder.Path);
        var error = Assert.Throws<InvalidOperationException>(() => stored.Features);
        Assert.Contains("SelectFeatures", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => stored.FeaturesAt(9).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => stored.FeaturesAt(-1).Length);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told()
    {
        var missing = Path.Combine(_folder.Path, "no", "rows.bin");
        Assert.Contains(missing,
            Assert.Throws<DirectoryNotFoundException>(() => TrainingRows.FromDataView(View(9, Width), storePath: missing)).Message, StringComparison.Ordinal);
        using var rows = TrainingRows.FromDataView(View(9, Width));
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 4), rows, 1);
        Assert.Throws<ArgumentException>(() => _mlContext.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target, StoreFolder = Path.Combine(_folder.Path, "no"),
        }));
    }

    [Fact]
    public void Files_that_are_not_whole_are_refused()
    {
        TrainingRows.FromDataView(View(20, Width), storePath: File).Dispose();
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < bytes.Length; length += 11)
            AssertRefused(bytes[..length], length < 64 ? "no file of training rows" : "was cut, or is damaged");
        for (var place = 0; place < bytes.Length; place++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[place] ^= 0x10;
            AssertRefused(damaged, place < 8 ? "no file of training rows" : place < 12 ? "version" : place < 32 ? "damaged" : "another SHA-256");
        }
        AssertRefused([.. bytes, 0], "was cut, or is damaged");
        Assert.Throws<FileNotFoundException>(() => TrainingRows.FromFile(_folder.File("none")));

        void AssertRefused(byte[] content, string why)
        {
            System.IO.File.WriteAllBytes(File, content);
            var error = Assert.Throws<InvalidDataException>(() => TrainingRows.FromFile(File));
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
            Assert.Contains(File, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_view_that_fails_leaves_no_file()
    {
        var failing = TinyRows.View(_mlContext, TinyRows.Create(30, Width).Select((row, i) => i < 20 ? row : throw new TimeoutException()), Width);
        Assert.ThrowsAny<Exception>(() => TrainingRows.FromDataView(failing, storePath: File));
        Assert.Throws<InvalidOperationException>(() => TrainingRows.FromDataView(View(1, Width), storePath: File));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static TorchRecipe Recipe =>
        new(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5)) { Epochs = 2, BatchSize = 16, Device = TorchDevice.Cpu };

    private static float[] State(TorchTarget target) =>
        [.. target.Module.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];

    private static void AssertSame(TrainingRows expected, TrainingRows actual)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(expected.Ids, actual.Ids);
        Assert.Equal(expected.Labels.data<long>().ToArray(), actual.Labels.data<long>().ToArray());
        Assert.Equal((expected.FeatureCount, expected.ClassCount, expected.AreTexts), (actual.FeatureCount, actual.ClassCount, actual.AreTexts));
        Assert.Equal(expected.ContentHash, actual.ContentHash);
        Assert.Equal(expected.CopyFeatures(), actual.CopyFeatures());
        var some = torch.tensor(new long[] { expected.Count - 1, 0, expected.Count / 2, 0 });
        Assert.Equal(expected.SelectFeatures(some).data<float>().ToArray(), actual.SelectFeatures(some).data<float>().ToArray());
        Assert.Equal(expected.FeaturesAt(expected.Count - 1).ToArray(), actual.FeaturesAt(expected.Count - 1).ToArray());
        Assert.Equal(expected.Only([0, expected.Count - 1]).ContentHash, actual.Only([0, expected.Count - 1]).ContentHash);
    }

    private IDataView View(int count, int width, bool isShuffled = false)
    {
        var rows = TinyRows.Create(count, width);
        return TinyRows.View(_mlContext, isShuffled ? rows.OrderBy(row => row.RowId.Reverse().First()).ThenByDescending(row => row.RowId) : rows, width);
    }

    private sealed class TextRow
    {
        public int RowId { get; set; }

        public string Features { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class NamedRow
    {
        public int RowId { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
