using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Models;

/// <summary>The models by name.</summary>
internal static class ModelNames
{
    public const string OfTables = "mlp";
    public const string OfTexts = "text";
    public const string OfImages = "cnn";

    private static readonly Lazy<NamedModel[]> Models = new(() =>
        [
            new PerceptronModel(), new LogisticModel(), new LightGbmModel(), new FastTreeModel(), new ConvolutionalModel(), new ResNetModel(),
            new BagOfWordsModel(), new TransformerModel(),
        ]);

    // Known without making the models: the help is to be quick.
    public static readonly string[] All = ["mlp", "logistic", "lightgbm", "fasttree", "cnn", "resnet18", "text", "transformer"];

    /// <summary>Endings of files that hold a trained model.</summary>
    public static readonly string[] FileEndings = [".zip", ".onnx"];

    public static IReadOnlyList<NamedModel> Known => Models.Value;

    /// <summary>Whether a model's name is that of a file.</summary>
    public static bool IsFile(string name) => FileEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="UsageException">There is no such model.</exception>
    public static NamedModel Find(string name) => Known.FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(IsFile(name)
            ? $"'{name}' is trained, and how is not known: only 'unlearn factors' takes it. Take a model by name, {string.Join(", ", All)}."
            : $"There is no model '{name}': take {string.Join(", ", All)}.");
}
