using Microsoft.ML;
using Unlearn.Conformance;
using Unlearn.Transforms.Tests.MLNetModels.Trees;
using Xunit;

namespace Unlearn.Transforms.Tests.Conformance;

/// <summary>Every factor that trees give obeys every rule.</summary>
public sealed class TreeConformanceTests
{
    public static TheoryData<string> Factors => [.. HardnessFactors.Default
        .Append(HardnessFactors.LeafInfluence)
        .Where(factor => factor.Requires is TargetCapabilities.Logits or TargetCapabilities.LeafValues)
        .Select(factor => factor.Name)];

    [Theory]
    [MemberData(nameof(Factors))]
    public void A_factor_of_trees_obeys_every_rule(string name)
    {
        var context = new MLContext(1);
        using var target =
            TreeEnsembleTarget.FromModel(TinyTrees.Train("FastTree", context, TinyTrees.View(context, TinyTrees.Create(60)), trees: 8, leaves: 5));
        foreach (var check in FactorConformance.Checks(
            new() { Factor = HardnessFactors.Find(name), Target = target, CreateData = own => TinyTrees.View(own, TinyTrees.Create(60)) }))
            check.Run();
    }
}
