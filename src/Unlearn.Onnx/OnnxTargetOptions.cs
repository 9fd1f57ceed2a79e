using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.Onnx;

/// <summary>How to read an ONNX model as a classifier.</summary>
public sealed record OnnxTargetOptions
{
    /// <summary>Name of the input of the features. Default: the model's only input.</summary>
    public string? InputName { get; init; }

    /// <summary>
    /// Shape of one row of the input, without the batch: <c>[3, 32, 32]</c> for images. Default: that of the model, whose sizes must then be known, all but the first.
    /// </summary>
    public IReadOnlyList<int>? InputShape { get; init; }

    /// <summary>Name of the output with one number per class, or a binary model's single number. Default: the model's only output of <see cref="float"/>.</summary>
    public string? OutputName { get; init; }

    /// <summary>What the numbers of the output are. Default: found out on made-up rows. Of a binary model's single number only values outside [0, 1] tell that it is a logit.</summary>
    public ScoreKind? OutputKind { get; init; }

    /// <summary>Names of the classes, in the order of the output's numbers: the values of the label keys that the model was trained on. Default: not known; then classes go by their numbers.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Rows that go through ONNX Runtime at once, from 1. Default 256. A model whose batch size is fixed gets batches of that size, the last one filled up with zeros.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Threads of ONNX Runtime within an operator; 0 leaves the choice to it. Default 1: workers run side by side.</summary>
    public int Threads { get; init; } = 1;
}
