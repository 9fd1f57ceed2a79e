using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Tests;

namespace Unlearn.TestPrograms;

/// <summary>Loads a saved model and prints all factors of 60 rows. It names nothing of the product but what the model file names.</summary>
internal static class Scoring
{
    public static void Run(string modelPath)
    {
        var context = new MLContext(9);
        var model = context.Model.Load(modelPath, out _);
        foreach (var value in model.Transform(TinyRows.View(context, TinyRows.Create(60, 6), 6)).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row))
            Console.WriteLine(value.ToString("R", CultureInfo.InvariantCulture));
    }
}
