using Microsoft.ML;
using Unlearn.Conformance;
using Xunit;

namespace Unlearn.Transforms.Tests.Conformance;

/// <summary>
/// Every factor that a black box gives obeys every rule, saving and loading included; and so do some of a linear model, which is a Torch module.
/// </summary>
public sealed class MLNetTargetConformanceTests
{
    private const int Width = 6;
    private static readonly TrainingRows Rows = TinyRows.Training(40, Width);
    private static readonly EstimatorRecipe BlackBox = new("naive-bayes", context => context.MulticlassClassification.Trainers.NaiveBayes());
    private static readonly EstimatorRecipe Linear = new("lbfgs", context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
    private static readonly Dictionary<string, ITarget> Targets =
        new[] { BlackBox, Linear }.ToDictionary(recipe => recipe.Name, recipe => recipe.Train(Rows, Enumerable.Range(0, Rows.Count).ToArray(), seed: 7));
    private static readonly ReferenceModels References = ReferenceModels.Train(BlackBox, Rows, seed: 7, count: 4, workers: 1);

    public static TheoryData<string, string> Factors =>
    [
        .. HardnessFactors.DefaultFor(Targets[BlackBox.Name])
        .Append(HardnessFactors.Memorization)
        .Append(HardnessFactors.MembershipZ)
        .Select(factor => (BlackBox.Name, factor.Name)),
        .. new[] { HardnessFactors.GradientNorm, HardnessFactors.SelfInfluence, HardnessFactors.BoundaryDistance }.Select(factor => (Linear.Name, factor.Name)),
    ];

    [Theory]
    [MemberData(nameof(Factors))]
    public void A_factor_obeys_every_rule(string target, string factor)
    {
        foreach (var check in FactorConformance.Checks(new()
        {
            Factor = HardnessFactors.Find(factor),
            Target = Targets[target],
            References = References,
            CreateData = context => TinyRows.View(context, TinyRows.Create(40, Width), Width),
        }))
            check.Run();
    }
}
