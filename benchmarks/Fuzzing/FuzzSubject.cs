using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>A small model whose file is damaged, with what it gives.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Data">Its rows.</param>
/// <param name="Entries">What its file holds.</param>
/// <param name="File">The file.</param>
/// <param name="Factors">What it gave of its rows, before it was saved: factors, or predictions.</param>
internal sealed record FuzzSubject(string Name, IDataView Data, IReadOnlyList<(string Name, byte[] Content)> Entries, byte[] File, float[][] Factors)
{
    /// <summary>The kind of file.</summary>
    public SavedKind Kind { get; init; } = MLNetInternals.Factors;

    /// <summary>Reads what a model gives of the rows. It throws where that makes no sense.</summary>
    public Func<IDataView, float[][]> Read { get; init; } = output => [.. output.GetColumn<float[]>(output.Schema[output.Schema.Count - 1])];

    private const int RowCount = 24;
    private const int Classes = 3;

    public static readonly string[] Names = ["mlp", "cnn", "resnet", "tokens", "trees", "black-box"];

    public static FuzzSubject Create(string name)
    {
        var rows = CreateRows(name);
        var context = new MLContext(1);
        var data = rows.ToDataView(context);
        var options = new UnlearnFactorsEstimator.Options { BatchSize = 8, Seed = 1 };
        switch (name)
        {
            case "mlp":
                var recipe = Recipe(TorchArchitecture.Mlp(rows.FeatureCount, Classes, 5));
                options.Target = recipe.TrainWithGradientTrace(rows, Enumerable.Range(0, RowCount).ToArray(), seed: 1);
                options.References = ReferenceModels.Train(recipe, rows, seed: 1, count: 4);
                options.Factors = HardnessFactors.All;
                break;
            case "trees":
                var trees = context.BinaryClassification.Trainers.FastTree(numberOfLeaves: 3, numberOfTrees: 4, minimumExampleCountPerLeaf: 2);
                options.Target = TreeEnsembleTarget.FromModel(context.MulticlassClassification.Trainers.OneVersusAll(trees).Fit(data), rows.ClassNames);
                break;
            case "black-box":
                options.Target = MLNetTarget.FromTransformer(context.MulticlassClassification.Trainers.NaiveBayes().Fit(data), data.Schema);
                break;
            default:
                options.Target = Recipe(name switch
                {
                    "cnn" => TorchArchitecture.SmallCnn(1, 4, 4, Classes, [2, 3, 4]),
                    "resnet" => TorchArchitecture.ResNet18(1, 8, 8, Classes, [2, 2, 3, 3]),
                    _ => TorchArchitecture.BagOfTokens(rows.FeatureCount, 10, 4, Classes, 5),
                }).Train(rows, Enumerable.Range(0, RowCount).ToArray(), seed: 1);
                break;
        }
        using (options.Target)
        {
            using var transformer = context.Transforms.UnlearnFactors(options).Fit(data);
            var entries = CraftedModel.EntriesOf(transformer);
            var factors = transformer.Transform(data).GetColumn<float[]>(options.OutputColumnName).ToArray();
            return new(name, data, entries, CraftedModel.File(entries, data.Schema), factors);
        }
    }

    private static TorchRecipe Recipe(TorchArchitecture architecture) => new(architecture) { Epochs = 2, BatchSize = 8, Device = TorchDevice.Cpu };

    private static TrainingRows CreateRows(string name)
    {
        var random = new SeededRandom(1);
        var width = name switch { "cnn" => 16, "resnet" => 64, _ => 6 };
        var labels = Enumerable.Range(0, RowCount).Select(row => (long)row % Classes).ToArray();
        var features = labels.SelectMany(label => Enumerable.Range(0, width).Select(_ => name == "tokens"
            ? random.Next(10)
            : (float)(label + random.NextDouble()))).ToArray();
        return new([.. labels.Select((_, row) => Invariant($"r{row}"))], features, width, labels, Classes, ["a", "b", "c"]);
    }
}
