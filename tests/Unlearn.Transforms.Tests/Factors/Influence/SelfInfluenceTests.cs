using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Influence;

public sealed class SelfInfluenceTests
{
    // What the factor's documentation says.
    private const double RelativeDamping = 0.1;

    // With weights of 0 and two classes, a row's gradient is ±(½, −½) ⊗ [x; 1], whichever label is drawn: the Fisher matrix is a Kronecker product,
    // which EK-FAC has exactly.
    [Fact]
    public void It_equals_a_dense_solve_with_the_damped_fisher_matrix()
    {
        const int Width = 4, Count = 30;
        var random = new Random(1);
        using var rows = new TrainingRows([.. Enumerable.Range(0, Count).Select(row => $"{row}")],
            [.. Enumerable.Range(0, Count * Width).Select(_ => random.NextSingle() - 0.3f)], Width, [.. Enumerable.Range(0, Count).Select(row => row % 2L)], 2);
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(Width, 2), TorchDevice.Cpu, seed: 1);
        using var scope = torch.NewDisposeScope();
        using (torch.no_grad())
            foreach (var parameter in target.Module.parameters())
                parameter.zero_();
        var actual = FactorFit.Compute(target, rows, HardnessFactors.SelfInfluence);

        var inputs = torch.cat([rows.Features, torch.ones(Count, 1)], 1).to(torch.float64);
        var residual = torch.tensor([0.5, -0.5]);
        var fisher = torch.kron(residual.outer(residual), inputs.t().matmul(inputs) / Count);
        var size = fisher.shape[0];
        var damped = fisher + torch.eye(size, dtype: torch.float64) * (RelativeDamping * fisher.trace().item<double>() / size);
        for (var row = 0; row < Count; row++)
        {
            var gradient = torch.kron(residual, inputs[row]);
            var expected = gradient.dot(torch.linalg.solve(damped, gradient)).item<double>();
            Assert.Equal(expected, actual[row], 1e-4 * expected);
        }
    }
}
