using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.ML;
using Unlearn.Conformance;
using Unlearn.Distributed;
using Unlearn.Hosting;
using Unlearn.MLNet;
using Unlearn.Onnx;
using Unlearn.PyTorch;
using Unlearn.TextClassification;
using Unlearn.Transforms;
using Unlearn.USearch;
using Xunit;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>Who may know whom.</summary>
public sealed class LayeringTests
{
    private const int MostFiles = 25;

    private static readonly Assembly[] Libraries =
    [
        typeof(UnlearnFactorsEstimator).Assembly,
        typeof(HardnessStudy).Assembly,
        typeof(EstimatorConformance).Assembly,
        typeof(OnnxTarget).Assembly,
        typeof(ParquetCatalog).Assembly,
        typeof(PyTorchWeights).Assembly,
        typeof(TextClassifier).Assembly,
        typeof(HnswNeighbors).Assembly,
        typeof(ErasureService).Assembly,
        Assembly.Load("Unlearn.AutoML"),
        typeof(PostgresCluster).Assembly,
        typeof(UnlearnDashboardEndpointRouteBuilderExtensions).Assembly,
        Assembly.Load("Unlearn.Cli"),
    ];

    public static TheoryData<string> Names => [.. Libraries.Select(library => library.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_knows_only_those_before_it(string library)
    {
        var order = Layers.ByAssembly[library].Select((folder, place) => (folder, place)).ToDictionary(layer => layer.folder, layer => layer.place);
        var upward =
            from dependency in FolderDependencies.Of(Libraries.Single(candidate => candidate.GetName().Name == library))
            where order[dependency.UsedFolder] > order[dependency.UserFolder]
            select $"{dependency.UserFolder}: {dependency.User} knows {dependency.Used} of {dependency.UsedFolder}";
        var broken = upward.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(broken.Count == 0, string.Join(Environment.NewLine, broken));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_folder_has_its_layer(string library) =>
        Assert.Equal(Layers.ByAssembly[library].Order(StringComparer.Ordinal), FolderDependencies.FoldersOf(library));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_is_a_concept(string library) =>
        Assert.Empty(FolderDependencies.Files(library)
            .GroupBy(file => file.Folder)
            .Where(folder => folder.Count() > MostFiles)
            .Select(folder => $"{folder.Key}: {folder.Count()} files"));

    /// <summary>Without this, the first test would pass because it sees nothing.</summary>
    [Fact]
    public void Dependencies_are_seen()
    {
        var seen =
            FolderDependencies.Of(typeof(UnlearnFactorsEstimator).Assembly).Select(dependency => (dependency.UserFolder, dependency.UsedFolder)).ToHashSet();
        Assert.Contains(("Pipeline", "Pipeline/Persistence"), seen);
        Assert.Contains(("Factors/Influence", "Torch/PerSample/Curvature"), seen);
        Assert.Contains(("Torch/Training", "Torch/Training/Stacked"), seen);
        Assert.Contains(("Rows", "Runtime"), seen);
    }

    [Fact]
    public void The_factors_know_nothing_of_unlearning()
    {
        Assert.Empty(References(typeof(UnlearnFactorsEstimator).Assembly, "Unlearn."));
        Assert.Empty(References(typeof(ParquetCatalog).Assembly, "Unlearn."));
        Assert.Equal(["Unlearn.Transforms"], References(typeof(OnnxTarget).Assembly, "Unlearn."));
        Assert.Equal(["Unlearn.Transforms"], References(typeof(PyTorchWeights).Assembly, "Unlearn."));
        Assert.Equal(["Unlearn.Transforms"], References(typeof(TextClassifier).Assembly, "Unlearn."));
        Assert.Equal(["Unlearn.Transforms"], References(typeof(HnswNeighbors).Assembly, "Unlearn."));
    }

    [Fact]
    public void Only_its_own_library_knows_ONNX_Runtime() =>
        Assert.All(
            Libraries.Where(library => library != typeof(OnnxTarget).Assembly), library => Assert.Empty(References(library, "Microsoft.ML.OnnxRuntime")));

    [Fact]
    public void The_mathematics_knows_nothing_of_ML_NET()
    {
        var folders = FolderDependencies.TypeFolders("Unlearn.Transforms");
        using var code = new CompiledCode(typeof(UnlearnFactorsEstimator).Assembly);
        var uses =
            from type in code.Module.GetTypes()
            where folders.TryGetValue(CompiledCode.Outermost(type).Name.Split('`')[0], out var folder)
                && (folder.StartsWith("Torch", StringComparison.Ordinal) || folder.StartsWith("Factors", StringComparison.Ordinal) || folder == "Numerics")
            from reference in CompiledCode.References(type)
            let used = (reference as Mono.Cecil.TypeReference ?? reference.DeclaringType).GetElementType()
            where used.Scope is Mono.Cecil.AssemblyNameReference { Name: var name } && name.StartsWith("Microsoft.ML", StringComparison.Ordinal)
            select $"{type.FullName}: {used.FullName}";
        Assert.Empty(uses.Distinct());
    }

    private static IEnumerable<string> References(Assembly library, string prefix) =>
        library.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => name.StartsWith(prefix, StringComparison.Ordinal));
}
