using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Onnx;

/// <summary>
/// An ONNX model as a target. It is a black box that gives only scores. It supports the factors of tiers T0 and T3, and the neighborhood factors with
/// the features as the embedding. A process that loads a saved model with such a target must call <see cref="RegisterFormat()"/> first.
/// </summary>
public sealed class OnnxTarget : ITarget
{
    /// <summary>How to read an ONNX model as a classifier.</summary>
    public sealed record Options
    {
        /// <summary>Name of the input of the features. Default: the model's only input.</summary>
        public string? InputName { get; init; }

        /// <summary>
        /// Shape of one row of the input, without the batch: <c>[3, 32, 32]</c> for images. Default: the shape in the model, in which all sizes
        /// except the first must be known.
        /// </summary>
        public IReadOnlyList<int>? InputShape { get; init; }

        /// <summary>
        /// Name of the output with one number per class, or a binary model's single number. Default: the model's only output of <see cref="float"/>.
        /// </summary>
        public string? OutputName { get; init; }

        /// <summary>
        /// Kind of the output's numbers. Default: detected on made-up rows. The single number of a binary model is detected as a logit only if values
        /// are outside [0, 1].
        /// </summary>
        public ScoreKind? OutputKind { get; init; }

        /// <summary>
        /// Names of the classes, in the order of the output's numbers: the values of the label keys that the model was trained on. Default: unknown;
        /// then classes are matched by number.
        /// </summary>
        public IReadOnlyList<string>? ClassNames { get; init; }

        /// <summary>
        /// Number of rows per call of ONNX Runtime, from 1. Default 256. A model with a fixed batch size gets batches of that size; the last batch is
        /// padded with zeros.
        /// </summary>
        public int BatchSize { get; init; } = 256;

        /// <summary>Number of ONNX Runtime threads within an operator; 0 lets ONNX Runtime choose. Default 1, since workers run side by side.</summary>
        public int Threads { get; init; } = 1;

        /// <summary>
        /// Index of the CUDA device that ONNX Runtime computes on, from 0; <see langword="null"/> for the CPU. The program then references
        /// Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime. It is not saved: see <see cref="RegisterFormat(int?)"/>.
        /// </summary>
        [JsonIgnore]
        public int? CudaDevice { get; init; }
    }

    private const int ProbeRows = 16;

    private readonly byte[] _model;
    private readonly Options _options;
    private readonly OnnxSession _session;
    private readonly ScoreKind _outputKind;

    private OnnxTarget(byte[] model, Options options)
    {
        RegisterFormat();
        _model = model;
        _options = options;
        _session = new(model, options);
        _outputKind = options.OutputKind ?? Guess();
    }

    /// <summary>Makes a target from a model file.</summary>
    /// <param name="path">Path of the file. External weight files are not read.</param>
    /// <param name="options">How to read the model as a classifier. The defaults work for a model with one input, one output and known sizes.</param>
    /// <exception cref="ArgumentException">
    /// The bytes are not a valid ONNX model, the model has no such input or output, or sizes that the model leaves open are not given.
    /// </exception>
    /// <exception cref="InvalidOperationException">A CUDA device was asked for, which this machine or this program's ONNX Runtime lacks.</exception>
    public static OnnxTarget FromFile(string path, Options? options = null) => FromModel(File.ReadAllBytes(path), options);

    /// <summary>Makes a target from a model in memory.</summary>
    /// <param name="model">Content of an ONNX file.</param>
    /// <param name="options">How to read the model as a classifier. The defaults work for a model with one input, one output and known sizes.</param>
    /// <exception cref="ArgumentException">
    /// The bytes are not a valid ONNX model, the model has no such input or output, or sizes that the model leaves open are not given.
    /// </exception>
    /// <exception cref="InvalidOperationException">A CUDA device was asked for, which this machine or this program's ONNX Runtime lacks.</exception>
    public static OnnxTarget FromModel(ReadOnlySpan<byte> model, Options? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        CheckDevice(options.CudaDevice);
        try
        {
            var target = new OnnxTarget(model.ToArray(), options);
            if (options.ClassNames is not { } names || names.Count == target.ClassCount && names.Distinct(StringComparer.Ordinal).Count() == names.Count)
                return target;
            var classes = target.ClassCount;
            target.Dispose();
            throw new ArgumentException($"The model has {classes} classes, but {nameof(Options.ClassNames)} holds [{string.Join(", ", names)}]: "
                + "give each class, in order, a name of its own, or give no names.", nameof(options));
        }
        catch (OnnxRuntimeException cause)
        {
            throw new ArgumentException($"ONNX Runtime cannot read the model: {cause.Message}", nameof(model), cause);
        }
    }

    /// <summary>Lets this process load saved models that have an ONNX target. Creating a target does the same.</summary>
    public static void RegisterFormat() => TargetFormats.Register(OnnxTargetFormat.Instance);

    /// <summary>Lets this process load saved models that have an ONNX target, and says where those that it loads from now on compute.</summary>
    /// <param name="cudaDevice">See <see cref="Options.CudaDevice"/>.</param>
    public static void RegisterFormat(int? cudaDevice)
    {
        CheckDevice(cudaDevice);
        OnnxTargetFormat.Instance.CudaDevice = cudaDevice;
        RegisterFormat();
    }

    private static void CheckDevice(int? cudaDevice)
    {
        if (cudaDevice is { } device)
            ArgumentOutOfRangeException.ThrowIfNegative(device, nameof(cudaDevice));
    }

    /// <inheritdoc/>
    public int ClassCount => Math.Max(2, _session.OutputWidth);

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => _options.ClassNames;

    /// <inheritdoc/>
    public int FeatureCount => _session.InputWidth;

    /// <inheritdoc/>
    public TargetCapabilities Capabilities => TargetCapabilities.Logits;

    /// <inheritdoc/>
    public string Limitation =>
        "ONNX Runtime gives scores and no gradients; OnnxWeights.LoadTarget gives them of linear models, perceptrons and small networks of images";

    /// <summary>
    /// Logits or log-probabilities; see <see cref="ITarget.Logits"/>. A probability of exactly 0 counts as 10⁻³⁰. If a binary model's probability is
    /// rounded to 1, the probability of the other class counts as 2⁻²⁵.
    /// </summary>
    /// <exception cref="InvalidOperationException">The outputs are declared as probabilities, but lie outside [0, 1].</exception>
    /// <inheritdoc/>
    public torch.Tensor Logits(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = torch.NewDisposeScope();
        var values = features.to(torch.CPU).to(torch.float32).contiguous();
        if (values.shape is not [_, var width] || width != FeatureCount)
            throw new ArgumentException($"The model takes rows × {FeatureCount} features, got [{string.Join(" × ", features.shape)}].", nameof(features));
        try
        {
            return ScoreConversion.ToLogits(Scores(values), _outputKind).MoveToOuterDisposeScope();
        }
        catch (ArgumentOutOfRangeException cause)
        {
            throw new InvalidOperationException($"Output '{_session.OutputName}' was said to be probabilities, but has values outside [0, 1]: "
                + $"set {nameof(OnnxTarget)}.{nameof(Options)}.{nameof(Options.OutputKind)} to what it is.", cause);
        }
    }

    private torch.Tensor Scores(torch.Tensor values) =>
        torch.tensor(_session.Run(MemoryMarshal.Cast<byte, float>(values.bytes)), [values.shape[0], _session.OutputWidth]);

    private ScoreKind Guess()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(1);
        return ScoreConversion.CouldBeProbabilities(Scores(torch.randn([ProbeRows, FeatureCount], generator: generator)))
            ? ScoreKind.Probabilities
            : ScoreKind.Logits;
    }

    /// <summary>The features themselves; see <see cref="ITarget.Embed"/>.</summary>
    /// <inheritdoc/>
    public torch.Tensor Embed(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = torch.NewDisposeScope();
        return features.detach().cpu().clone().MoveToOuterDisposeScope();
    }

    ITarget ITarget.Clone() => Clone();

    /// <summary>A copy with a separate session.</summary>
    public OnnxTarget Clone() => new(_model, _options);

    /// <summary>Frees the session.</summary>
    public void Dispose() => _session.Dispose();

    internal byte[] Model => _model;

    internal Options Reading => _options;
}
