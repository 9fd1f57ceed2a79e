using Microsoft.ML;
using Unlearn.Transforms.Tests.MLNetModels.Trees;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline.Persistence;

/// <summary>
/// Makes the files of <see cref="SavedModels"/> anew, in folder <c>saved-models</c> beside the test program. It runs only when it is asked for:
/// <c>-class Unlearn.Transforms.Tests.Pipeline.Persistence.SavedModelWriter -explicit only</c>. Committed files stay as they are: they stand for
/// users' files. To cover what a later version saves, make files of other names.
/// </summary>
public sealed class SavedModelWriter
{
    private const int TrainingRowCount = 60;
    private readonly MLContext _context = new(1);

    [Fact(Explicit = true)]
    public void Write()
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "saved-models")).FullName;
        foreach (var name in SavedModels.Names)
        {
            List<TinyRows.Row> rows = name == "trees" ? TreeRows(TrainingRowCount, seed: 1) : TinyRows.Create(TrainingRowCount, Width(name));
            List<TinyRows.Row> others = name == "trees" ? TreeRows(3, seed: 2) : TinyRows.Create(3, Width(name), seed: 2);
            others.ForEach(row => row.RowId = "new" + row.RowId);
            var data = SavedModels.View(_context, name, rows);
            var model = Fit(name, data);
            _context.Model.Save(model, data.Schema, SavedModels.ModelPath(folder, name));
            SavedModels.Write(SavedModels.ValuesPath(folder, name), SavedModels.Score(_context, model, name, [.. rows[..5], .. others]));
        }
        TestContext.Current.TestOutputHelper!.WriteLine(folder);
    }

    private static int Width(string name) => name == "cnn" ? 16 : 6;

    private static List<TinyRows.Row> TreeRows(int count, int seed) =>
        [.. TinyTrees.Create(count, seed).Select(row => new TinyRows.Row { RowId = row.RowId, Features = row.Features, Label = row.Label ? 2u : 1u })];

    private UnlearnFactorsTransformer Fit(string name, IDataView data)
    {
        using var rows = TrainingRows.FromDataView(data);
        var all = Enumerable.Range(0, rows.Count).ToArray();
        var options = new UnlearnFactorsEstimator.Options { BatchSize = 16, Seed = 5 };
        switch (name)
        {
            case "mlp":
                var recipe = new TorchRecipe(TorchArchitecture.Mlp(Width(name), TinyRows.Classes, 5)) { Epochs = 3, BatchSize = 16, Device = TorchDevice.Cpu };
                options.Target = recipe.TrainWithGradientTrace(rows, all, seed: 7);
                options.References = ReferenceModels.Train(recipe, rows, seed: 7, count: 4);
                options.Factors = HardnessFactors.All;
                options.KeepUndefined = true;
                break;
            case "cnn":
                options.Target = TinyRows.Trained(TorchArchitecture.SmallCnn(1, 4, 4, TinyRows.Classes, [2, 3, 4]), rows);
                options.FactorColumnPrefix = "Of";
                break;
            case "linear":
                options.Target = Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(
                    _context.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(data), data.Schema));
                break;
            case "trees":
                options.Target = Assert.IsType<TreeEnsembleTarget>(MLNetTarget.FromTransformer(TinyTrees.Train("FastTree", _context, data), data.Schema));
                break;
            default:
                options.Target =
                    Assert.IsType<MLNetTarget>(MLNetTarget.FromTransformer(_context.MulticlassClassification.Trainers.NaiveBayes().Fit(data), data.Schema));
                options.UnknownLabels = UnknownLabelHandling.Predicted;
                break;
        }
        using (options.Target)
            return _context.Transforms.UnlearnFactors(options).Fit(data);
    }
}
