using System.Reflection;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.Loader;
using Unlearn.Conformance;
using Unlearn.MLNet;
using Unlearn.MLNet.Reports.Sections;
using Unlearn.Onnx;
using Unlearn.Transforms;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>Who may know whom.</summary>
public sealed class LayeringTests
{
    private static readonly ArchUnitNET.Domain.Architecture Product = new ArchLoader()
        .LoadAssemblies(typeof(UnlearnFactorsEstimator).Assembly, typeof(HardnessStudy).Assembly, typeof(EstimatorConformance).Assembly, typeof(OnnxTarget).Assembly).Build();

    /// <summary>Folders of Unlearn.MLNet from the bottom up: each knows only those before it.</summary>
    private static readonly string[] Layers = ["Unlearners", "Trials", "GroundTruth", "Hardness", "Studies", "Labelling", "Reports"];

    public static TheoryData<string, string> Lower
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            for (var higher = 1; higher < Layers.Length; higher++)
                for (var lower = 0; lower < higher; lower++)
                    pairs.Add(Layers[lower], Layers[higher]);
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Lower))]
    public void A_layer_does_not_know_a_higher_one(string lower, string higher) =>
        Holds(Types().That().ResideInNamespaceMatching($@"^Unlearn\.MLNet\.{lower}(\.|$)").Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^Unlearn\.MLNet\.{higher}(\.|$)")));

    [Fact]
    public void Every_folder_has_its_layer()
    {
        var folders = typeof(HardnessStudy).Assembly.GetTypes().Select(type => type.Namespace ?? "").Where(name => name.StartsWith("Unlearn.MLNet.", StringComparison.Ordinal)).Select(name => name.Split('.')[2]);
        Assert.Equal(Layers.Order(), folders.Distinct().Order());
    }

    [Fact]
    public void The_factors_know_nothing_of_unlearning()
    {
        Assert.DoesNotContain(typeof(UnlearnFactorsEstimator).Assembly.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Unlearn.", StringComparison.Ordinal));
        Assert.DoesNotContain(typeof(EstimatorConformance).Assembly.GetReferencedAssemblies(), reference => reference.Name == "Unlearn.MLNet");
        Assert.Equal(["Unlearn.Transforms"], typeof(OnnxTarget).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => name.StartsWith("Unlearn.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_its_own_library_knows_ONNX_Runtime()
    {
        Assembly[] others = [typeof(UnlearnFactorsEstimator).Assembly, typeof(HardnessStudy).Assembly, typeof(EstimatorConformance).Assembly];
        Assert.DoesNotContain(others.SelectMany(assembly => assembly.GetReferencedAssemblies()), reference => reference.Name!.Contains("OnnxRuntime", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Factors")]
    [InlineData("PerSample")]
    public void The_mathematics_knows_nothing_of_pipelines_and_files(string folder)
    {
        var types = Types().That().ResideInNamespaceMatching($@"^Unlearn\.Transforms\.{folder}$");
        Holds(types.Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^Unlearn\.Transforms\.(DataViews|Interop|Persistence)$")));
        Holds(types.Should().NotDependOnAny(Types(includeReferenced: true).That().ResideInNamespaceMatching(@"^Microsoft\.ML(\.|$)")));
    }

    [Fact]
    public void Targets_know_nothing_of_factors() =>
        Holds(Types().That().ResideInNamespaceMatching(@"^Unlearn\.Transforms\.(Targets|PerSample)$").Should()
            .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^Unlearn\.Transforms\.(DataViews|Factors|Persistence)$")));

    private static void Holds(TypesShouldConjunction rule)
    {
        var broken = rule.Evaluate(Product).Where(result => !result.Passed).Select(result => result.Description).ToList();
        Assert.True(broken.Count == 0, string.Join(Environment.NewLine, broken));
    }
}
