using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Cli.Tests;

/// <summary>Trained models of ML.NET for tests.</summary>
internal static class TestModels
{
    /// <summary>The table of <see cref="TestTables.People"/>, with classes 1 and 0 where two classes are told by a Boolean.</summary>
    public static string People(int rows, bool isBinary)
    {
        var csv = TestTables.People(rows);
        return isBinary ? csv.Replace(",high\n", ",1\n", StringComparison.Ordinal).Replace(",low\n", ",0\n", StringComparison.Ordinal) : csv;
    }

    /// <summary>Trains a linear model on a table of people, and saves it.</summary>
    /// <param name="context">The ML context.</param>
    /// <param name="table">Path of the table.</param>
    /// <param name="isBinary">Whether the class is a Boolean.</param>
    /// <param name="path">Path of the model.</param>
    /// <returns>The rows.</returns>
    public static IDataView Save(MLContext context, string table, bool isBinary, string path)
    {
        var data = context.Data.LoadFromTextFile(table, new TextLoader.Options
        {
            Columns =
            [
                new("id", DataKind.String, 0), new("height", DataKind.Single, 1), new("color", DataKind.String, 3),
                new("income", isBinary ? DataKind.Boolean : DataKind.String, 4),
            ],
            Separators = [','],
            HasHeader = true,
        });
        var features = context.Transforms.Categorical.OneHotEncoding("color")
            .Append(context.Transforms.NormalizeMeanVariance("height"))
            .Append(context.Transforms.Concatenate("Features", "height", "color"));
        IEstimator<ITransformer> pipeline = isBinary
            ? features.Append(context.BinaryClassification.Trainers.LbfgsLogisticRegression("income"))
            : features.Append(context.Transforms.Conversion.MapValueToKey("Label", "income"))
                .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        context.Model.Save(pipeline.Fit(data), data.Schema, path);
        return data;
    }
}
