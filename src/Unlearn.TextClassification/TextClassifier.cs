using System.Security.Cryptography;
using Microsoft.ML;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.TextClassification;

/// <summary>
/// A text classifier of Microsoft.ML.TorchSharp that was trained elsewhere, read from its saved ML.NET model. As a target it takes texts and gives scores;
/// <see cref="ToTorchTarget"/> makes a target of tokens with gradients.
/// </summary>
/// <remarks>
/// Version 0.23.1 of the package disposes parameters while it makes a network beside TorchSharp 0.107, so neither its trainer nor its loader works there. This
/// class makes those parameters anew and reads their values itself. The package is the program's choice; it is found by reflection.
/// A process that loads saved factors with such a target must call <see cref="RegisterFormat"/> first.
/// </remarks>
public sealed class TextClassifier : ITarget
{
    /// <summary>Largest number of tokens that the network reads; more are cut off, as the package does.</summary>
    public const int MostTokens = 512;

    private const int RowsAtOnce = 16;
    private const int HashLength = 16;
    private const string EncoderFile = "NasBert2000000.tsm";

    private readonly byte[] _model;
    private readonly SavedClassifier _saved;
    private readonly NasBertModule _module;

    private TextClassifier(byte[] model, SavedClassifier saved, NasBertModule module, int maximumTextLength)
    {
        RegisterFormat();
        (_model, _saved, _module, FeatureCount) = (model, saved, module, maximumTextLength);
    }

    /// <summary>Reads the classifier of a saved ML.NET model.</summary>
    /// <param name="path">Path of the model, which <c>mlContext.Model.Save</c> wrote. Other steps of its pipeline are not looked at.</param>
    /// <param name="maximumTextLength">Largest number of characters of a text, from 1.</param>
    /// <exception cref="FormatException">The file is no such model, or is damaged.</exception>
    /// <exception cref="NotSupportedException">The model is of another kind, takes two sentences, or the package has another network.</exception>
    /// <exception cref="InvalidOperationException">The program lacks the package Microsoft.ML.TorchSharp.</exception>
    public static TextClassifier FromFile(string path, int maximumTextLength = TextFeatures.DefaultLength) =>
        FromModel(File.ReadAllBytes(path), maximumTextLength);

    /// <summary>Reads the classifier of a saved ML.NET model in memory; see <see cref="FromFile"/>.</summary>
    /// <param name="model">Content of the model's file.</param>
    /// <param name="maximumTextLength">Largest number of characters of a text, from 1.</param>
    /// <inheritdoc cref="FromFile" path="/exception"/>
    public static TextClassifier FromModel(ReadOnlySpan<byte> model, int maximumTextLength = TextFeatures.DefaultLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumTextLength, 1);
        var bytes = model.ToArray();
        var saved = SavedClassifier.Read(bytes);
        return new(bytes, saved, Create(saved), maximumTextLength);
    }

    /// <summary>Lets this process load saved factors that have such a target. Reading a classifier does the same.</summary>
    public static void RegisterFormat() => TargetFormats.Register(TextClassifierFormat.Instance);

    /// <summary>Says before any work that the package's own trainers and loaders fail in this program, or that the trainer's weights are missing.</summary>
    /// <param name="mlContext">The context that the trainer would be made from.</param>
    /// <exception cref="NotSupportedException">The package disposes what it initializes beside this TorchSharp.</exception>
    /// <exception cref="FileNotFoundException">The pretrained encoder is not where the trainer looks first.</exception>
    public static void EnsureTrainable(MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        if (MicrosoftTorchSharp.DisposesWhatItInitializes())
            throw new NotSupportedException($"{MicrosoftTorchSharp.Versions} cannot train or load a network: it disposes parameters that TorchSharp's "
                + "initializers now return as they are. Train in another program, with TorchSharp 0.102.7, and read the saved model by "
                + $"{nameof(TextClassifier)}.{nameof(FromFile)}; or train the same network here, by a {nameof(TorchRecipe)} with "
                + $"{nameof(TextClassifier)}.{nameof(Architecture)}.");
        var path = EncoderPath(mlContext);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The pretrained encoder is looked for at '{path}', and is not there. The trainer downloads it when it first runs; "
                + $"without a network, copy {EncoderFile} there from a machine where that has happened.", path);
    }

    /// <summary>Where the package's trainer looks for its pretrained encoder before it downloads it.</summary>
    /// <param name="mlContext">The context that the trainer would be made from.</param>
    public static string EncoderPath(MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return Path.Combine(mlContext.TempFilePath ?? Path.GetTempPath(), "mlnet", EncoderFile);
    }

    /// <summary>
    /// The package's network as an architecture over token ids, for a <see cref="TorchRecipe"/>: a pretrained encoder, and a random last layer. Rows are
    /// those of <see cref="Tokens"/>. Its name has a hash of the encoder's file.
    /// </summary>
    /// <param name="encoderPath">File of the encoder, such as <see cref="EncoderPath"/>.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="tokenCount">Tokens of a row, from 2 to <see cref="MostTokens"/>.</param>
    /// <exception cref="FormatException">The file holds no encoder of this network.</exception>
    public static TorchArchitecture Architecture(string encoderPath, int classCount, int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        CheckTokens(tokenCount);
        if (!File.Exists(encoderPath))
            throw new FileNotFoundException($"'{encoderPath}' is not there: it should be the pretrained encoder, {EncoderFile}, which the trainer of "
                + $"{MicrosoftTorchSharp.Name} downloads when it first runs.", encoderPath);
        using var scope = torch.NewDisposeScope();
        var content = File.ReadAllBytes(encoderPath);
        var encoder = SavedParameters.Read(content).ToDictionary(entry => NasBertModule.Encoder + entry.Key, entry => entry.Value);
        foreach (var tensor in encoder.Values)
            tensor.DetachFromDisposeScope();
        var shapes = encoder.ToDictionary(entry => entry.Key, entry => entry.Value.shape);
        shapes[Head] = [classCount, Width(encoder)];
        shapes["PredictionHead.Classifier.dense.bias"] = [classCount];
        // Trials of another encoder are other trials.
        var name = Invariant($"nas-bert/{classCount}/{tokenCount}/{Convert.ToHexStringLower(SHA256.HashData(content))[..HashLength]}");
        return TorchArchitecture.Custom(name, [tokenCount], classCount, () =>
        {
            var module = new NasBertModule(shapes, classCount);
            module.Load(encoder);
            return module;
        });
    }

    /// <summary>A row of the network: a text's tokens, each plus 1, then 0 for padding. What is too long is cut off.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokenCount">Tokens of a row, from 2 to <see cref="MostTokens"/>.</param>
    /// <exception cref="InvalidOperationException">The program lacks the package Microsoft.ML.TorchSharp.</exception>
    public static float[] Tokens(string text, int tokenCount)
    {
        ArgumentNullException.ThrowIfNull(text);
        CheckTokens(tokenCount);
        var row = new float[tokenCount];
        row[0] = 1;
        var tokens = MicrosoftTorchSharp.Encode(text);
        for (var i = 0; i < Math.Min(tokens.Count, tokenCount - 1); i++)
            row[i + 1] = tokens[i] + 1;
        return row;
    }

    /// <summary>
    /// The classifier as a target of tokens, with its gradients. Its layers are not called in the way that per-row gradients are read from, so factors
    /// that need them go row by row. Rows are those of <see cref="Tokens"/>.
    /// </summary>
    /// <param name="tokenCount">Tokens of a row, from 2 to <see cref="MostTokens"/>.</param>
    /// <param name="device">Where to compute.</param>
    public TorchTarget ToTorchTarget(int tokenCount, TorchDevice device = default)
    {
        CheckTokens(tokenCount);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var architecture = TorchArchitecture.Custom(
            Invariant($"nas-bert/{ClassCount}/{tokenCount}"), [tokenCount], ClassCount, () => Create(_saved));
        return TorchTarget.FromModule(architecture, _module, device, ClassNames);
    }

    private bool _isDisposed;

    /// <inheritdoc/>
    public int ClassCount => _saved.ClassCount;

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => _saved.ClassNames;

    /// <inheritdoc/>
    public int FeatureCount { get; }

    /// <inheritdoc/>
    public bool TakesText => true;

    /// <inheritdoc/>
    public TargetCapabilities Capabilities => TargetCapabilities.Logits;

    /// <inheritdoc/>
    public string Limitation => $"texts have no gradients; {nameof(ToTorchTarget)} gives a target of the texts' tokens, which has them";

    /// <inheritdoc/>
    public torch.Tensor Logits(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var texts = Texts(features);
        var logits = torch.zeros(texts.Length, ClassCount);
        for (var start = 0; start < texts.Length; start += RowsAtOnce)
        {
            var chunk = texts[start..Math.Min(start + RowsAtOnce, texts.Length)];
            float[][] tokens = [.. chunk.Select(text => Tokens(text, MostTokens))];
            var width = Math.Max(2, tokens.Max(row => Array.FindLastIndex(row, token => token != 0) + 1));
            var rows = torch.tensor([.. tokens.SelectMany(row => row[..width])], [chunk.Length, width]);
            logits.narrow(0, start, chunk.Length).copy_(_module.call(rows));
        }
        return logits.MoveToOuterDisposeScope();
    }

    /// <summary>The words of a text, see <see cref="TextFeatures.Bag"/>.</summary>
    /// <inheritdoc/>
    public torch.Tensor Embed(torch.Tensor features)
    {
        var texts = Texts(features);
        var points = new float[texts.Length * TextFeatures.BagSize];
        for (var row = 0; row < texts.Length; row++)
            TextFeatures.Bag(texts[row], points.AsSpan(row * TextFeatures.BagSize, TextFeatures.BagSize));
        return torch.tensor(points, [texts.Length, TextFeatures.BagSize]);
    }

    /// <summary>A copy with parameters of its own.</summary>
    public ITarget Clone() => new TextClassifier(_model, _saved, Create(_saved), FeatureCount);

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _module.Dispose();
    }

    internal byte[] Model => _model;

    private const string Head = "PredictionHead.Classifier.dense.weight";

    private string[] Texts(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (features.shape is not [var rows, var width] || width != FeatureCount)
            throw new ArgumentException(
                $"The classifier takes rows of {FeatureCount} characters, got [{string.Join(" × ", features.shape)}].", nameof(features));
        using var scope = torch.NewDisposeScope();
        var values = features.detach().cpu().to(torch.float32).contiguous().data<float>().ToArray();
        return [.. Enumerable.Range(0, (int)rows).Select(row => TextFeatures.Decode(values.AsSpan(row * FeatureCount, FeatureCount)))];
    }

    private static NasBertModule Create(SavedClassifier saved)
    {
        using var scope = torch.NewDisposeScope();
        var state = SavedParameters.Read(saved.Parameters);
        if (!state.TryGetValue(Head, out var head) || head.shape is not [var classes, _] || classes != saved.ClassCount)
            throw new FormatException($"The model's network has no last layer of {saved.ClassCount} classes.");
        var module = new NasBertModule(state.ToDictionary(entry => entry.Key, entry => entry.Value.shape), saved.ClassCount);
        module.Load(state);
        module.eval();
        foreach (var tensor in module.parameters().Cast<torch.Tensor>().Concat(module.buffers()))
            tensor.DetachFromDisposeScope();
        return module;
    }

    private static long Width(Dictionary<string, torch.Tensor> encoder) =>
        encoder.TryGetValue($"{NasBertModule.Encoder}EmbedTransfer.HiddenTransfer.weight", out var transfer)
            ? transfer.shape[0]
            : throw new FormatException("The file holds no encoder of this network: it lacks 'EmbedTransfer.HiddenTransfer.weight'.");

    private static void CheckTokens(int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokenCount, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenCount, MostTokens);
    }
}
