using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Xunit;

namespace Unlearn.Transforms.Tests.MLNetModels.Trees;

/// <summary>Small binary data with some wrong labels, and trees trained on it.</summary>
internal static class TinyTrees
{
    public const int Width = 5;

    public sealed class Row
    {
        public string RowId { get; set; } = "";

        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    /// <summary>Names of the models that <see cref="Train"/> knows.</summary>
    public static readonly string[] Models = ["FastTree", "FastForest", "LightGbm"];

    public static List<Row> Create(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row =>
        {
            float[] features = [.. Enumerable.Range(0, Width).Select(_ => (float)(random.NextDouble() * 2 - 1))];
            return new Row
            {
                RowId = row.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Features = features,
                Label = features[0] + features[1] * features[2] > 0.1 != random.NextDouble() < 0.15,
            };
        })];
    }

    public static IDataView View(MLContext context, IEnumerable<Row> rows) => context.Data.LoadFromEnumerable(rows);

    public static ITransformer Train(string model, MLContext context, IDataView data, int trees = 20, int leaves = 6) => model switch
    {
        "FastTree" => FastTree(context, trees, leaves).Fit(data),
        "FastForest" => context.BinaryClassification.Trainers.FastForest(
            new FastForestBinaryTrainer.Options { NumberOfTrees = trees, NumberOfLeaves = leaves, MinimumExampleCountPerLeaf = 5, NumberOfThreads = 1 })
            .Append(context.BinaryClassification.Calibrators.Platt()).Fit(data),
        "LightGbm" => context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options { NumberOfIterations =
            trees, NumberOfLeaves = leaves, MinimumExampleCountPerLeaf = 5, LearningRate = 0.2, NumberOfThreads = 1 }).Fit(data),
        _ => throw new ArgumentException(model),
    };

    public static FastTreeBinaryTrainer FastTree(MLContext context, int trees, int leaves) =>
        context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = trees,
            NumberOfLeaves = leaves,
            MinimumExampleCountPerLeaf = 5,
            LearningRate = 0.2,
            NumberOfThreads = 1,
        });

    /// <summary>Saves the factors of a target, loads them elsewhere, and compares all of their columns.</summary>
    public static void AssertSameFactorsWhenLoaded(MLContext context, ITarget target, IDataView data)
    {
        var factors = context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target }).Fit(data);
        using var file = new MemoryStream();
        context.Model.Save(factors, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(2).Model.Load(file, out _);
        foreach (var factor in HardnessFactors.DefaultFor(target))
            Assert.Equal(factors.Transform(data).GetColumn<float>(factor.Name), loaded.Transform(data).GetColumn<float>(factor.Name));
    }
}
