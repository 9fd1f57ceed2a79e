using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.Benchmarks.Fuzzing;
using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

/// <summary>Small hardness models whose files are damaged.</summary>
internal static class HardnessSubject
{
    public static readonly string[] Names = ["trees", "linear"];

    private static readonly string[] Methods = ["nothing", "FT", "EU"];

    public static FuzzSubject Create(string name)
    {
        var planted = new PlantedMemory(150, 1);
        var options = new UnlearningHardnessEstimator.Options { Seed = 1, GroupColumnName = "RowId", Confidence = 0.8 };
        if (name == "linear")
        {
            options.Trainer = HardnessTrainer.LogisticRegression();
            options.Regressor = (context, _) => context.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options { NumberOfThreads = 1 });
        }
        else
        {
            options.Trainer = HardnessTrainer.FastTree(4, 3, 0.2, 5);
            options.Regressor = (context, seed) => context.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
            {
                NumberOfTrees = 4, NumberOfLeaves = 3, MinimumExampleCountPerLeaf = 5, NumberOfThreads = 1, Seed = seed,
            });
        }
        var labels = planted.Labels();
        var model = new MLContext(1).Transforms.UnlearningHardness(labels, options).Fit(planted.Rows());
        var entries = SavedHardness.Entries(model.Fitted);
        var rows = planted.Rows([.. Enumerable.Range(0, 20)]);
        return new(name, rows, entries, CraftedModel.File(entries, rows.Schema, FittedHardness.Kind), Read(model.Transform(rows), rows))
        {
            Kind = FittedHardness.Kind,
            Read = output => Read(output, rows),
        };
    }

    // Probability, prediction and bound of each method, recommendation.
    private static float[][] Read(IDataView output, ColumnDataView rows)
    {
        var added = output.Schema.Skip(rows.Schema.Count).ToList();
        string[] methods = [.. output.GetColumn<string>(added[^1])];
        float[][] columns = [.. added.SkipLast(1).Select(column => output.GetColumn<float>(column).ToArray())];
        for (var row = 0; row < methods.Length; row++)
        {
            if (!(columns[0][row] is >= 0 and <= 1))
                throw new InvalidDataException(Invariant($"a probability of {columns[0][row]}"));
            for (var column = 1; column < columns.Length; column++)
                if (!(columns[column][row] >= 0))
                    throw new InvalidDataException(Invariant($"{added[column].Name} of {columns[column][row]}"));
        }
        return [.. methods.Select((method, row) => (float[])[.. columns.Select(column => column[row]), Array.IndexOf(Methods, method)])];
    }
}
