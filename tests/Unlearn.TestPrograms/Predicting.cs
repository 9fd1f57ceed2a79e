using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.TestPrograms;

/// <summary>Loads a saved hardness model and prints what it says of saved rows. It names nothing of the product but what the model file names.</summary>
internal static class Predicting
{
    public static void Run(string modelPath, string rowsPath)
    {
        var context = new MLContext(9);
        var output = context.Model.Load(modelPath, out _).Transform(context.Data.LoadFromBinary(rowsPath));
        foreach (var (method, bound, probability) in output.GetColumn<string>("RecommendedMethod").Zip(
            output.GetColumn<float>("FT.ResidualMemoryBound"), output.GetColumn<float>("HardProbability")))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{method} {bound:R} {probability:R}"));
    }
}
