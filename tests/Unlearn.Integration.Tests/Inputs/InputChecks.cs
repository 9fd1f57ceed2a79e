using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Integration.Tests.Inputs;

/// <summary>What a pipeline that ends with the factors must do, whatever it begins with.</summary>
internal static class InputChecks
{
    /// <summary>Values are finite and differ between rows; the saved and loaded pipeline, and a prediction engine of it, give the same.</summary>
    /// <typeparam name="TRow">A row of the data.</typeparam>
    /// <param name="context">The context.</param>
    /// <param name="model">The pipeline.</param>
    /// <param name="data">The data.</param>
    /// <param name="factorCount">Number of factors; by default that of a Torch target.</param>
    public static void AssertServes<TRow>(MLContext context, ITransformer model, IDataView data, int? factorCount = null)
        where TRow : class, new()
    {
        var expected = Factors(model, data);
        Assert.All(expected, row => Assert.Equal(factorCount ?? HardnessFactors.Default.Count, row.Length));
        Assert.All(expected.SelectMany(row => row), value => Assert.True(float.IsFinite(value)));
        Assert.True(expected.Select(row => row[0]).Distinct().Count() > 1);

        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var fresh = new MLContext(2);
        var loaded = fresh.Model.Load(file, out var schema);
        var afterwards = Factors(loaded, data);
        using var engine = fresh.Model.CreatePredictionEngine<TRow, Output>(loaded, schema);
        var rows = fresh.Data.CreateEnumerable<TRow>(data, reuseRowObject: false).ToList();
        for (var row = 0; row < expected.Length; row++)
        {
            AssertEqual(expected[row], afterwards[row], 1e-5f);
            AssertEqual(expected[row], engine.Predict(rows[row]).UnlearnFactors, 1e-3f);
        }
    }

    private static float[][] Factors(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("UnlearnFactors")];

    private static void AssertEqual(float[] expected, float[] actual, float tolerance)
    {
        for (var slot = 0; slot < expected.Length; slot++)
            Assert.Equal(expected[slot], actual[slot], tolerance * Math.Max(1, Math.Abs(expected[slot])));
    }

    private sealed class Output
    {
        public float[] UnlearnFactors { get; set; } = [];
    }
}
