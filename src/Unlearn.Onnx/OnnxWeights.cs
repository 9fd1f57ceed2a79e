using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Onnx;

/// <summary>
/// Linear models, perceptrons and small networks of images in ONNX files as Torch targets, which give every factor, those of gradients too. Other models are
/// black boxes: <see cref="OnnxTarget"/>. ONNX Runtime is not needed.
/// </summary>
public static class OnnxWeights
{
    /// <summary>Makes a Torch target of an ONNX model.</summary>
    /// <remarks>
    /// Read are paths of Gemm, MatMul, Add, Sub, Mul, Div, Scaler, BatchNormalization with its statistics, and LinearClassifier, with Relu, Tanh and Sigmoid
    /// between them, and Softmax, LogSoftmax, Sigmoid, Normalizer (L1) and ZipMap at the end. Before them may stand, for images, Conv, MaxPool, AveragePool and
    /// GlobalAveragePool of two dimensions, with the same activations. Cast, Dropout, Flatten, Identity and Reshape change no numbers. What scales features or
    /// channels, and BatchNormalization, become part of the layer beside it: gradients are those of that layer's weights. A binary model's single logit z
    /// becomes the logits 0 and z, as of linear models of ML.NET; a Concat of its opposite and itself stays −z and z.
    /// </remarks>
    /// <param name="path">Path of the file. External weight files are not read.</param>
    /// <param name="outputName">Name of the output of scores. Default: the only one of floating-point numbers, or of maps to them.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="classNames">Names of the classes, in the order of the scores; see <see cref="ITarget.ClassNames"/>. Default: unknown.</param>
    /// <returns>
    /// A target whose probabilities are the model's, up to rounding. With ReLU alone between linear layers its architecture is
    /// <see cref="TorchArchitecture.Mlp"/>; else it is named by its layers, and a process that loads saved factors of it reads the ONNX file first.
    /// </returns>
    /// <exception cref="NotSupportedException">An operator is none of these; the message names it.</exception>
    /// <exception cref="ArgumentException">The file is no ONNX model or damaged, has no such output, or holds weights that are not finite.</exception>
    public static TorchTarget LoadTarget(
        string path, string? outputName = null, TorchDevice device = default, IReadOnlyList<string>? classNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadTarget(File.ReadAllBytes(path), outputName, device, classNames);
    }

    internal static TorchTarget ReadTarget(
        ReadOnlySpan<byte> model, string? outputName = null, TorchDevice device = default, IReadOnlyList<string>? classNames = null)
    {
        using var scope = torch.NewDisposeScope();
        OnnxLayers layers;
        try
        {
            var graph = new OnnxGraph(model);
            layers = new(graph, graph.Path(outputName));
        }
        catch (Exception cause) when (cause is FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new ArgumentException($"The ONNX model cannot be read: {cause.Message}", nameof(model), cause);
        }
        return TorchTarget.FromStateDict(
            layers.ToArchitecture(), layers.ToState(), device, classNames);
    }
}
