using System.Text.Json;
using Microsoft.ML.Runtime;
using Unlearn.Transforms;

namespace Unlearn.TextClassification;

/// <summary>Text classifiers: the ML.NET model that they were read from, and the longest text.</summary>
internal sealed class TextClassifierFormat : ITargetFormat
{
    private const string ModelEntry = "model.zip";
    private const string LengthEntry = "length.json";

    private TextClassifierFormat() { }

    public static TextClassifierFormat Instance { get; } = new();

    public string Kind => "text-classifier";

    public bool CanSave(ITarget target) => target is TextClassifier;

    public IReadOnlyDictionary<string, byte[]> Save(ITarget target)
    {
        var classifier = (TextClassifier)target;
        return new Dictionary<string, byte[]>
        {
            [ModelEntry] = classifier.Model,
            [LengthEntry] = JsonSerializer.SerializeToUtf8Bytes(classifier.FeatureCount),
        };
    }

    public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        try
        {
            return TextClassifier.FromModel(entries[ModelEntry], JsonSerializer.Deserialize<int>(entries[LengthEntry]));
        }
        catch (Exception cause) when (cause is KeyNotFoundException or JsonException or ArgumentException or FormatException)
        {
            throw new FormatException($"The saved hardness factors are damaged: the text classifier cannot be read. {cause.Message}", cause);
        }
    }
}
