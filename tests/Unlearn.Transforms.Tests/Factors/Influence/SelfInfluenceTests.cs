using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Curvature;
using Unlearn.Transforms.Torch.PerSample.Gradients;
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

    // The scale that other implementations differ in: it follows from the labels that are drawn, so both sides have the same ones.
    [Fact]
    public void Its_eigenvalues_are_the_diagonal_of_the_dense_fisher_matrix_of_the_drawn_labels()
    {
        const int Width = 6, Count = 120, LabelSeed = 11;
        using var rows = TinyRows.Training(Count, Width);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 8), rows);
        using var scope = torch.NewDisposeScope();
        var pass = target.PerSample!.Forward(rows.Features, withGradients: true);
        var curvatures = EkfacFit.Run(visit => visit(pass), LabelSeed);
        var logProbabilities = pass.Logits.detach().log_softmax(1);
        using var generator = new torch.Generator(LabelSeed);
        var drawn = Matrices(torch.multinomial(logProbabilities.exp(), 1, generator: generator).squeeze(1));
        var own = Matrices(rows.Labels);
        Assert.Equal(2, drawn.Count);
        torch.Tensor dense = torch.zeros(Count, torch.float64), approximate = torch.zeros(Count, torch.float64);
        foreach (var (name, (basis, values)) in curvatures)
        {
            var fisher = drawn[name].flatten(1).t().matmul(drawn[name].flatten(1)) / Count;
            var rotation = torch.kron(basis!.Outputs, basis.Inputs).to(torch.float64);
            var eigenvalues = values.to(torch.float64).flatten();
            Assert.True((rotation.t().matmul(fisher).matmul(rotation).diagonal() - eigenvalues).abs().max().item<double>()
                < 1e-5 * eigenvalues.max().item<double>());
            Assert.Equal(fisher.trace().item<double>(), eigenvalues.sum().item<double>(), 1e-4 * eigenvalues.sum().item<double>());

            var damping = RelativeDamping * eigenvalues.mean().item<double>();
            var gradients = own[name].flatten(1);
            dense += torch.linalg.solve(fisher + torch.eye(fisher.shape[0], dtype: torch.float64) * damping, gradients.t()).t().mul(gradients).sum(dim: 1);
            approximate += (gradients.matmul(rotation).square() / (eigenvalues + damping)).sum(dim: 1);
        }
        Assert.InRange((approximate / dense).median().item<double>(), 0.67, 1.5);

        // Per layer, rows × out × (in, 1).
        Dictionary<string, torch.Tensor> Matrices(torch.Tensor labels) => pass.ParameterGradients(LogitGradients.OfLoss(logProbabilities, labels)).ToDictionary(
            layer => layer.Name,
            layer =>
            {
                var (flat, outputs) = (layer.Flatten().to(torch.float64), curvatures[layer.Name].Basis!.Outputs.shape[0]);
                var weights = flat.shape[1] - outputs;
                return torch.cat([flat.narrow(1, 0, weights).reshape(Count, outputs, -1), flat.narrow(1, weights, outputs).unsqueeze(2)], 2);
            });
    }
}
