using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp.PyBridge;
using Unlearn.Onnx;
using Unlearn.PyTorch;
using Unlearn.TextClassification;
using Unlearn.Transforms;
using static TorchSharp.torch.nn;

namespace AllPackages;

/// <summary>Unlearn.Onnx, Unlearn.PyTorch and Unlearn.TextClassification: models of others as targets.</summary>
internal static class Classifiers
{
    /// <summary>Writes a model of ML.NET as ONNX, and reads it as a black box.</summary>
    public static void OfOnnx(string path)
    {
        var context = new MLContext(seed: 1);
        var data = People.Load(context);
        var model = context.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(data);
        var features = context.Data.LoadFromEnumerable([new People.Input()]);
        using (var stream = File.Create(path))
            context.Model.ConvertToOnnx(model, features, stream);
        using var target = OnnxTarget.FromFile(path, new() { OutputName = "Probability.output", OutputKind = ScoreKind.Probabilities });
        Console.WriteLine($"onnx: {Factors(context, data, target)}");
    }

    /// <summary>Writes weights as PyTorch does, and reads them.</summary>
    public static void OfPyTorch(string path)
    {
        using (var net = Sequential(("hidden1", Linear(People.Width, 8)), ("relu", ReLU()), ("output", Linear(8, 2))))
            net.save_safetensors(path);
        var context = new MLContext(seed: 1);
        using var target = PyTorchWeights.LoadTarget(TorchArchitecture.Mlp(People.Width, 2, 8), path);
        Console.WriteLine($"pytorch: {Factors(context, People.Load(context), target)}");
    }

    /// <summary>A model that is no text classifier is refused in words, by the package's reader.</summary>
    public static void OfTexts(string path)
    {
        var context = new MLContext(seed: 1);
        var data = People.Load(context);
        context.Model.Save(context.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(data), data.Schema, path);
        TextClassifier.RegisterFormat();
        try
        {
            using var classifier = TextClassifier.FromFile(path);
            throw new InvalidOperationException("A logistic regression was taken for a text classifier.");
        }
        catch (Exception refused) when (refused is FormatException or NotSupportedException)
        {
            Console.WriteLine($"text classification: {refused.Message}");
        }
    }

    private static string Factors(MLContext context, IDataView data, ITarget target)
    {
        var rows = context.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data).Transform(data).GetColumn<float[]>("UnlearnFactors").ToList();
        return rows.All(row => row.Any(value => value != 0))
            ? FormattableString.Invariant($"{rows[0].Length} factors of {rows.Count} rows")
            : throw new InvalidOperationException("There are rows without factors.");
    }
}
