using TorchSharp;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>A call of a linear layer.</summary>
/// <param name="inputs">a: rows × positions × in.</param>
/// <param name="outputGradients">g: rows × positions × out.</param>
internal sealed class LinearCall(torch.Tensor inputs, torch.Tensor outputGradients) : FactoredCall(outputGradients.transpose(1, 2))
{
    public override PatchLayout Layout { get; } = new(inputs.shape[2], KernelWidth: 1, [inputs.shape[1]], [new(0, 0)], inputs.shape[1]);

    public override IReadOnlyList<torch.Tensor> Blocks(long start, long count) => [inputs.narrow(0, start, count).transpose(1, 2)];

    public override torch.Tensor Apply(torch.Tensor weight, torch.Tensor? bias) => torch.nn.functional.linear(inputs, weight, bias).transpose(1, 2);
}
