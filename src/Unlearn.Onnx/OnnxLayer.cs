using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Onnx;

/// <summary>A layer of the module that an ONNX model becomes.</summary>
/// <param name="Kind">What it is, such as <c>conv</c>.</param>
/// <param name="Sizes">Its sizes, in words; with the kind they tell how to make it.</param>
/// <param name="Create">Makes it.</param>
internal sealed record OnnxLayer(string Kind, string Sizes, Func<Module<torch.Tensor, torch.Tensor>> Create)
{
    /// <summary>Its weights, row-major; empty without any.</summary>
    public double[] Weights { get; init; } = [];

    /// <summary>Shape of the weights.</summary>
    public long[] Shape { get; init; } = [];

    /// <summary>Its bias.</summary>
    public double[] Bias { get; init; } = [];

    /// <summary>Numbers of a row that come out; 0 where they are those that come in, or an image.</summary>
    public int Outputs { get; init; }

    /// <param name="type">An operator: <c>Relu</c>, <c>Tanh</c> or <c>Sigmoid</c>.</param>
    public static OnnxLayer Activation(string type) => type switch
    {
        "Tanh" => new("tanh", "", () => Tanh()),
        "Sigmoid" => new("sigmoid", "", () => Sigmoid()),
        _ => new("relu", "", () => ReLU()),
    };

    /// <param name="weights">Outputs × inputs.</param>
    /// <param name="bias">One for each output.</param>
    public static OnnxLayer Linear(double[,] weights, double[] bias)
    {
        var (outputs, inputs) = (weights.GetLength(0), weights.GetLength(1));
        return new("linear", $"({inputs},{outputs})", () => torch.nn.Linear(inputs, outputs))
        {
            Weights = [.. weights.Cast<double>()], Shape = [outputs, inputs], Bias = bias, Outputs = outputs,
        };
    }

    /// <summary>Adds the weights under the layer's name.</summary>
    public void AddTo(Dictionary<string, torch.Tensor> state, string name)
    {
        if (Weights.Length == 0)
            return;
        state[$"{name}.weight"] = torch.tensor(Array.ConvertAll(Weights, value => (float)value), Shape);
        state[$"{name}.bias"] = torch.tensor(Array.ConvertAll(Bias, value => (float)value));
    }
}
