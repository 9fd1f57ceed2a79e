using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Influence;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Influence;

public sealed class LeverageTests
{
    [Fact]
    public void Leverage_equals_a_dense_solve_with_the_gauss_newton_matrix()
    {
        using var rows = TinyRows.Training(30, 6);
        using var target = TinyRows.Trained(TorchArchitecture.Mlp(6, TinyRows.Classes, 4), rows);
        Check(target, FactorFit.Rows(rows), classesPerBlock: TinyRows.Classes);
    }

    [Fact]
    public void A_large_output_layer_is_solved_class_by_class()
    {
        const int Classes = 41, Width = 150;
        using var target = TorchTarget.Untrained(TorchArchitecture.Mlp(Width, Classes), TorchDevice.Cpu, seed: 1);
        Assert.True(Classes * (Width + 1) > LastLayerCurvature.LargestWhole);
        var random = new Random(1);
        Check(
            target,
            new([.. Enumerable.Range(0, 20 * Width).Select(_ => random.NextSingle())], [.. Enumerable.Range(0, 20).Select(row => (long)(row % Classes))], null),
            classesPerBlock: 1);
    }

    [Fact]
    public void A_module_that_does_not_end_in_its_linear_layer_is_refused()
    {
        using var rows = TinyRows.Training(12, 6);
        var architecture = TorchArchitecture.Custom(
            "test-tanh-end", [6], TinyRows.Classes, () => torch.nn.Sequential(("linear", torch.nn.Linear(6, TinyRows.Classes)), ("tanh", torch.nn.Tanh())));
        using var target = TorchTarget.Untrained(architecture, TorchDevice.Cpu, seed: 1);
        var failure = Assert.Throws<NotSupportedException>(() => FactorFit.Fit(target, rows, HardnessFactors.Leverage));
        Assert.Contains("Leverage", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_ends_in_a_log_softmax_is_as_good_as_its_logits()
    {
        using var rows = TinyRows.Training(12, 6);
        using var plain = TorchTarget.Untrained(TorchArchitecture.Mlp(6, TinyRows.Classes), TorchDevice.Cpu, seed: 1);
        var architecture = TorchArchitecture.Custom("test-log-softmax-end", [6], TinyRows.Classes,
            () => torch.nn.Sequential(("output", torch.nn.Linear(6, TinyRows.Classes)), ("end", torch.nn.LogSoftmax(1))));
        using var target = TorchTarget.FromModule(architecture, plain.Module, TorchDevice.Cpu);
        foreach (var (expected, actual) in FactorFit.Compute(plain, rows, HardnessFactors.Leverage)
            .Zip(FactorFit.Compute(target, rows, HardnessFactors.Leverage)))
            Assert.Equal(expected, actual, 1e-4f * expected);
    }

    private static void Check(TorchTarget target, FactorRows rows, int classesPerBlock)
    {
        using var scope = torch.NewDisposeScope();
        var fast = FactorFit.Fit(target, rows, HardnessFactors.Leverage).Compute(rows)[0];
        var features = torch.tensor(rows.Features, [rows.Count, target.FeatureCount]);
        var embeddings = torch.cat([target.Embed(features), torch.ones(rows.Count, 1)], 1).to(torch.float64);
        var probabilities = target.Logits(features).to(torch.float64).softmax(1);
        var (classes, width) = (target.ClassCount, (int)embeddings.shape[1]);

        // Every outer product written out, row by row, for each block of classes.
        var blocks = new List<torch.Tensor>();
        for (var first = 0; first < classes; first += classesPerBlock)
        {
            var sum = torch.zeros([classesPerBlock * width, classesPerBlock * width], torch.float64);
            for (var row = 0; row < rows.Count; row++)
            {
                var p = probabilities[row].slice(0, first, first + classesPerBlock, 1);
                sum += torch.kron(torch.diag(p) - p.outer(p), embeddings[row].outer(embeddings[row])) / rows.Count;
            }
            blocks.Add(sum);
        }
        var damping = LastLayerCurvature.RelativeDamping * blocks.Sum(block => block.trace().item<double>()) / (classes * width);
        for (var row = 0; row < rows.Count; row++)
        {
            var residual = probabilities[row] - torch.nn.functional.one_hot(torch.tensor(rows.Labels[row]), classes);
            var expected = 0.0;
            for (var block = 0; block < blocks.Count; block++)
            {
                var gradient = residual.slice(0, block * classesPerBlock, (block + 1) * classesPerBlock, 1).outer(embeddings[row]).flatten();
                expected +=
                    gradient.dot(torch.linalg.solve(blocks[block] + torch.eye(gradient.shape[0], dtype: torch.float64) * damping, gradient)).item<double>();
            }
            Assert.Equal(expected, fast[row], 1e-3 * expected + 1e-7);
        }
    }
}
