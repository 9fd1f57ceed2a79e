using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests;

/// <summary>A whole study on small seeded data, in about a second.</summary>
internal static class TinyStudy
{
    private const int Width = 8;
    private const int Classes = 3;

    private sealed class Row
    {
        public int RowId { get; set; }

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        [KeyType(Classes)]
        public uint Label { get; set; }
    }

    public static TorchRecipe Recipe { get; } = new(TorchArchitecture.Mlp(Width, Classes, 12)) { Epochs = 4, BatchSize = 16, Device = TorchDevice.Cpu };

    public static TrainingRows Rows(int count, int seed = 1) => TrainingRows.FromDataView(View(new MLContext(1), count, seed));

    public static IDataView View(MLContext mlContext, int count, int seed = 1)
    {
        var random = new Random(seed);
        return mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(row => new Row
        {
            RowId = row,
            Label = (uint)(row % Classes),
            Features = [.. Enumerable.Range(0, Width).Select(i => (float)(random.NextDouble() * 3 - 1.5) + (i % Classes == row % Classes ? 1f : 0f))],
        }).ToList());
    }

    public static HardnessStudy Create(string folder, int workers, bool subsets = false) => new(Options(folder, workers, subsets));

    /// <summary>A small labeling of the target that is trained with seed 1.</summary>
    public static HardnessLabelingOptions LabelingOptions => new()
    {
        Recipe = Recipe, TargetSeed = 1, CeilingGoal = 0.51, MaximumTrials = 200, SingleRowTime = TimeSpan.Zero, Calibration = null, Workers = 2,
    };

    public static StudyOptions Options(string folder, int workers, bool subsets = false) => new()
    {
        Title = "tiny",
        Recipe = Recipe,
        Unlearners =
        [
            new() { Unlearner = new ExactRetraining(), Trials = 12, ForgetShare = 0.3 },
            new() { Unlearner = new FineTuning(), Trials = 20, ForgetShare = 0.3 },
            new() { Unlearner = new Sisa(), Trials = 12, ForgetShare = 0.3 },
        ],
        Hardness = new HardnessOptions { Folds = 3, MinimumRowsPerLeaf = 5, Trees = 10, Subsets = subsets, Permutations = subsets ? 1 : 0 },
        LedgerPath = Path.Combine(folder, "trials.db"),
        Workers = workers,
    };

    public static async Task<StudyResult> RunAsync(string folder, int workers, IProgress<StudyProgress>? progress = null, bool subsets = false)
    {
        using var rows = Rows(240);
        using var testRows = Rows(60, seed: 2);
        return await Create(folder, workers, subsets).RunAsync(rows, testRows, progress);
    }
}
