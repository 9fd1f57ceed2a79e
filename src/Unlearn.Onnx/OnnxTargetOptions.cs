using Unlearn.Transforms;

namespace Unlearn.Onnx;

/// <summary>How to read an ONNX model as a classifier.</summary>
public sealed record OnnxTargetOptions
{
    /// <summary>Name of the input of the features. Default: the model's only input.</summary>
    public string? InputName { get; init; }

    /// <summary>
    /// Shape of one row of the input, without the batch: <c>[3, 32, 32]</c> for images. Default: the shape in the model, in which all sizes except the first must be known.
    /// </summary>
    public IReadOnlyList<int>? InputShape { get; init; }

    /// <summary>Name of the output with one number per class, or a binary model's single number. Default: the model's only output of <see cref="float"/>.</summary>
    public string? OutputName { get; init; }

    /// <summary>Kind of the output's numbers. Default: detected on made-up rows. The single number of a binary model is detected as a logit only if values are outside [0, 1].</summary>
    public ScoreKind? OutputKind { get; init; }

    /// <summary>Names of the classes, in the order of the output's numbers: the values of the label keys that the model was trained on. Default: unknown; then classes are matched by number.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Number of rows per call of ONNX Runtime, from 1. Default 256. A model with a fixed batch size gets batches of that size; the last batch is padded with zeros.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Number of ONNX Runtime threads within an operator; 0 lets ONNX Runtime choose. Default 1, since workers run side by side.</summary>
    public int Threads { get; init; } = 1;
}
