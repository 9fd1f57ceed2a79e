using Microsoft.ML;
using TorchSharp;
using Unlearn.Conformance;
using Unlearn.Transforms.Tests.MLNetModels.Trees;
using Xunit;

namespace Unlearn.Transforms.Tests.Conformance;

/// <summary>Every kind of target obeys every rule; and the rules can be broken.</summary>
public sealed class TargetConformanceTests
{
    private const int Width = 6;

    public static TheoryData<string> Kinds => ["perceptron", "convolutions", "FastTree", "FastForest", "LightGbm", "lbfgs", "naive-bayes"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_target_obeys_every_rule(string kind)
    {
        using var rows = RowsOf(kind);
        var failures = Failures(() => Create(kind, rows), rows);
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    [Fact]
    public void A_target_that_answers_by_the_batch_is_found_out() =>
        Assert.Contains(
            "A row alone has the answer that it has among others", Broken(new(features => features[torch.TensorIndex.Ellipsis, ..3] * features.mean())));

    [Fact]
    public void A_target_that_changes_its_features_is_found_out() =>
        Assert.Contains(
            "Asking again gives the same, and changes no feature", Broken(new(features => features.mul_(2)[torch.TensorIndex.Ellipsis, ..3].clone())));

    [Fact]
    public void A_target_that_claims_too_much_is_found_out()
    {
        var broken = Broken(new(features => features[torch.TensorIndex.Ellipsis, ..3].square(),
            TargetCapabilities.Logits | TargetCapabilities.ParameterGradients | TargetCapabilities.LinearOutput));
        Assert.Contains("It keeps what its capabilities promise", broken);
        Assert.Contains("Of linear outputs the embedding shows all", broken);
    }

    [Fact]
    public void A_target_whose_clone_is_itself_or_whose_logits_are_double_is_found_out()
    {
        var broken = Broken(new(features => features[torch.TensorIndex.Ellipsis, ..3].to(torch.ScalarType.Float64)));
        Assert.Contains("A clone has a life of its own", broken);
        Assert.Contains("Logits are finite, rows × classes, float32, on the CPU and without a graph", broken);
    }

    private static List<string> Broken(ToyTarget target)
    {
        using var rows = TinyRows.Training(30, Width);
        return [.. Failures(() => target, rows).Select(failure => failure.Rule)];
    }

    private static TrainingRows RowsOf(string kind) => kind is "FastTree" or "FastForest" or "LightGbm"
        ? TrainingRows.FromDataView(TinyTrees.View(new MLContext(1), TinyTrees.Create(60)))
        : TinyRows.Training(kind == "convolutions" ? 30 : 40, kind == "convolutions" ? 64 : Width);

    private static ITarget Create(string kind, TrainingRows rows) => kind switch
    {
        "perceptron" => TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), rows),
        "convolutions" => TinyRows.Trained(TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [2, 3, 6]), rows),
        "lbfgs" => Trained(rows, context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy()),
        "naive-bayes" => Trained(rows, context => context.MulticlassClassification.Trainers.NaiveBayes()),
        _ => TreeEnsembleTarget.FromModel(TinyTrees.Train(kind, new MLContext(1), TinyTrees.View(new MLContext(1), TinyTrees.Create(60)), trees: 8, leaves: 5)),
    };

    private static ITarget Trained(TrainingRows rows, Func<MLContext, IEstimator<ITransformer>> estimator) =>
        new EstimatorRecipe("rules", estimator).Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);

    private static List<(string Rule, string Found)> Failures(Func<ITarget> target, TrainingRows rows)
    {
        List<(string, string)> failures = [];
        foreach (var check in TargetConformance.Checks(new() { CreateTarget = target, Rows = rows }))
        {
            try
            {
                check.Run();
            }
            catch (ConformanceException failure)
            {
                failures.Add((check.Rule, failure.Message));
            }
        }
        return failures;
    }

    private sealed class ToyTarget(Func<torch.Tensor, torch.Tensor> logits, TargetCapabilities capabilities = TargetCapabilities.Logits) : ITarget
    {
        public int ClassCount => TinyRows.Classes;

        public int FeatureCount => Width;

        public TargetCapabilities Capabilities => capabilities;

        public torch.Tensor Logits(torch.Tensor features) => logits(features);

        public torch.Tensor Embed(torch.Tensor features) => features.clone();

        public ITarget Clone() => this;

        public void Dispose()
        {
        }
    }
}
