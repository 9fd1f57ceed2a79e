using TorchSharp;
using Unlearn.Conformance;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Tests.MLNetModels.Trees;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>What a factor of one's own gets of a batch, and the one on the page.</summary>
public sealed class OwnFactorTests : IDisposable
{
    private const int Width = 6;
    private const int Count = 20;
    private readonly TrainingRows _rows = TinyRows.Training(Count, Width);
    private readonly TorchTarget _target;

    public OwnFactorTests() => _target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), _rows);

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    [Fact]
    public void The_factor_on_the_page_is_the_one_here()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder!.FullName, "docs")))
            folder = folder.Parent;
        var code =
            File.ReadAllText(Path.Combine(folder.FullName, "tests", "Unlearn.Transforms.Tests", "Factors", "LastLayerShare.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{code[code.IndexOf("public sealed class", StringComparison.Ordinal)..]}```",
            File.ReadAllText(Path.Combine(folder.FullName, "docs", "factors.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_factor_on_the_page_obeys_every_rule()
    {
        var factor = new LastLayerShare();
        HardnessFactors.Register(factor);
        foreach (var check in FactorConformance.Checks(
            new() { Factor = factor, Target = _target, CreateData = context => TinyRows.View(context, TinyRows.Create(Count, Width), Width) }))
            check.Run();
    }

    [Fact]
    public void Gradients_by_layer_are_those_of_autograd_and_have_the_norms_that_are_given()
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(_target, withGradients: true);
        var gradients = batch.ParameterGradients(batch.LossLogitGradients);
        var inputs = batch.InputGradients(batch.LossLogitGradients);
        Assert.Equal([Count, Width], inputs.shape);
        Assert.Equal([5 * Width + 5, TinyRows.Classes * 5 + TinyRows.Classes], gradients.Values.Select(layer => layer.shape[1]));
        using var module = _target.CopyModule();
        for (var row = 0; row < Count; row++)
        {
            module.zero_grad();
            var features = _rows.Features.narrow(0, row, 1).clone().requires_grad_();
            torch.nn.functional.cross_entropy(module.forward(features), _rows.Labels.narrow(0, row, 1)).backward();
            var expected = torch.cat([.. module.parameters().Select(parameter => parameter.grad!.flatten())]);
            Assert.True(expected.allclose(torch.cat([.. gradients.Values.Select(layer => layer[row])]), 1e-4, 1e-6));
            Assert.True(features.grad!.flatten().allclose(inputs[row], 1e-4, 1e-6));
            Assert.Equal(expected.square().sum().item<float>(), batch.LossGradientSquaredNorms[row].item<float>(), 1e-5f);
        }
    }

    [Fact]
    public void Refusals_say_what_to_do()
    {
        using var scope = torch.NewDisposeScope();
        var context = new Microsoft.ML.MLContext(1);
        using var trees = TreeEnsembleTarget.FromModel(TinyTrees.Train("FastTree", context, TinyTrees.View(context, TinyTrees.Create(60))));
        var blind = new FactorBatch(new FactorModel(trees, [], new Dictionary<string, IReadOnlyDictionary<string, torch.Tensor>>(), default),
            new(new float[TinyTrees.Width], [0], null), withGradients: true);
        Assert.Contains("Requires", Assert.Throws<NotSupportedException>(() => blind.LossGradientSquaredNorms).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => blind.InputGradients(torch.zeros(1, 2)));
        Assert.Throws<NotSupportedException>(() => blind.ParameterGradients(torch.zeros(1, 2)));

        var without = Batch(_target, withGradients: false);
        Assert.Contains(
            "ParameterGradients", Assert.Throws<InvalidOperationException>(() => without.LossGradientSquaredNorms).Message, StringComparison.Ordinal);
        Assert.Contains("[20, 3]", Assert.Throws<ArgumentException>(() => Batch(_target, withGradients: true).ParameterGradients(torch.zeros(1, 2))).Message,
            StringComparison.Ordinal);
    }

    private FactorBatch Batch(ITarget target, bool withGradients) =>
        new(new FactorModel(target, [], new Dictionary<string, IReadOnlyDictionary<string, torch.Tensor>>(), default),
            new(_rows.CopyFeatures(), [.. Enumerable.Range(0, Count).Select(row => (long)_rows.LabelAt(row))], null), withGradients);
}
