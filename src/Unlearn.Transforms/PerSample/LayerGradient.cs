using TorchSharp;

namespace Unlearn.Transforms.PerSample;

/// <summary>The per-row gradients of one layer in factored form: G_n = Σ_t g_nt a_ntᵀ, out × in.</summary>
/// <param name="Name">Name of the layer.</param>
/// <param name="Inputs">a: rows × positions × in, bias column included.</param>
/// <param name="OutputGradients">g: rows × positions × out.</param>
internal sealed record LayerGradient(string Name, torch.Tensor Inputs, torch.Tensor OutputGradients)
{
    /// <summary>‖G_n‖² of each row, by the cheapest of three exact ways.</summary>
    public torch.Tensor SquaredNorms()
    {
        long positions = Inputs.shape[1], inputs = Inputs.shape[2], outputs = OutputGradients.shape[2];
        if (positions == 1)
            return Inputs.square().sum([1, 2]) * OutputGradients.square().sum([1, 2]);
        if (positions * (inputs + outputs) < inputs * outputs)
            return (Inputs.bmm(Inputs.transpose(1, 2)) * OutputGradients.bmm(OutputGradients.transpose(1, 2))).sum([1, 2]);
        return Matrices().square().sum([1, 2]);
    }

    /// <summary>G_n of each row: rows × out × in.</summary>
    public torch.Tensor Matrices() => OutputGradients.transpose(1, 2).bmm(Inputs);

    /// <summary>Σ_ij weight_ij (G_n)²_ij of each row, for weights out × in.</summary>
    public torch.Tensor WeightedSquaredNorms(torch.Tensor weights) => Inputs.shape[1] == 1
        ? (OutputGradients.squeeze(1).square().matmul(weights) * Inputs.squeeze(1).square()).sum(dim: 1)
        : (Matrices().square() * weights).sum([1, 2]);

    /// <summary>The same gradients in rotated coordinates: G'_n = Q_gᵀ G_n Q_a.</summary>
    public LayerGradient Rotate(torch.Tensor inputBasis, torch.Tensor outputBasis) => new(Name, Inputs.matmul(inputBasis), OutputGradients.matmul(outputBasis));
}
