using Unlearn.Cli.Tables;
using Unlearn.Onnx;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>A trained classifier in an ONNX file. Its classes are those of the table, in order.</summary>
internal static class OnnxFile
{
    // None if there is one output of scores; else what ML.NET and scikit-learn's exporters call the one of probabilities.
    private static readonly string?[] Outputs = [null, "Probability.output", "Score.output", "probabilities", "output_probability"];

    /// <summary>Whether a model's name is that of an ONNX file.</summary>
    public static bool Is(string model) => model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the weights of linear models and perceptrons, which then give every factor, and takes others as black boxes.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no classifier of the table's classes.</exception>
    public static ITarget Load(string path, UnderstoodTable table)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model '{Path.GetFullPath(path)}': name an ONNX file.");
        var target = Load(path);
        if (target.ClassCount == table.Classes.Count)
            return target;
        var classes = target.ClassCount;
        target.Dispose();
        throw new InvalidDataException($"'{path}' tells {classes} classes apart, and '{table.Label.Name}' of '{table.Path}' has {table.Classes.Count}: "
            + "name the column that the model was trained on by --label.");
    }

    private static ITarget Load(string path)
    {
        ArgumentException? first = null;
        foreach (var output in Outputs)
        {
            try
            {
                return Load(path, output);
            }
            catch (ArgumentException unread)
            {
                first ??= unread;
            }
        }
        throw new InvalidDataException($"'{path}' cannot be read as a classifier: {first!.Message.Split('\n')[0].Trim()}", first);
    }

    private static ITarget Load(string path, string? output)
    {
        try
        {
            return OnnxWeights.LoadTarget(path, output);
        }
        catch (NotSupportedException)
        {
            return OnnxTarget.FromFile(path, new() { OutputName = output });
        }
    }
}
