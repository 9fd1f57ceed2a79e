using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.ML;
using Microsoft.ML.Trainers;
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

/// <summary>What the product uses of ML.NET's internals: as little as can be, in one folder, and each of it still there.</summary>
public sealed class MLNetInternalsTests
{
    private const string Interop = "Unlearn.Transforms.Interop.";
    private const string Transformer = "Unlearn.Transforms.UnlearnFactorsTransformer";

    private static readonly IReadOnlySet<(string User, string Internal)> Uses = MLNetInternalUses.Of(typeof(UnlearnFactorsEstimator).Assembly);

    /// <summary>ML.NET calls a transformer through these two, so it must have them itself.</summary>
    private static readonly (string, string)[] Exceptions =
    [
        (Transformer, "Microsoft.ML.ITransformerWithDifferentMappingAtTrainingTime"),
        (Transformer, "Microsoft.ML.ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline"),
        (Transformer, "Microsoft.ML.ModelLoadContext"),
    ];

    /// <summary>A transformer of another assembly needs a loader in that assembly, and ML.NET calls it with this.</summary>
    private static readonly (string, string)[] Loader =
    [
        (MLNetInternalUses.AssemblyAttribute, "Microsoft.ML.LoadableClassAttribute"),
        (MLNetInternalUses.AssemblyAttribute, "Microsoft.ML.LoadableClassAttribute..ctor"),
        (typeof(UnlearningHardnessTransformer).FullName!, "Microsoft.ML.ModelLoadContext"),
    ];

    public static TheoryData<string> Known =>
    [
        "Microsoft.ML.Data.CatalogUtils",
        "Microsoft.ML.Data.CatalogUtils.GetEnvironment",
        "Microsoft.ML.Data.IInternalCatalog",
        "Microsoft.ML.ITransformerWithDifferentMappingAtTrainingTime",
        "Microsoft.ML.ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline",
        "Microsoft.ML.LoadableClassAttribute",
        "Microsoft.ML.LoadableClassAttribute..ctor",
        "Microsoft.ML.MLContext.CancelExecution",
        "Microsoft.ML.ModelLoadContext",
        "Microsoft.ML.ModelLoadContext.CheckAtModel",
        "Microsoft.ML.ModelLoadContext.Directory",
        "Microsoft.ML.ModelLoadContext.Reader",
        "Microsoft.ML.ModelLoadContext.Repository",
        "Microsoft.ML.ModelOperationsCatalog..ctor",
        "Microsoft.ML.ModelSaveContext.CheckAtModel",
        "Microsoft.ML.ModelSaveContext.SaveBinaryStream",
        "Microsoft.ML.ModelSaveContext.SetVersionInfo",
        "Microsoft.ML.ModelSaveContext.Writer",
        "Microsoft.ML.RepositoryReader",
        "Microsoft.ML.RepositoryReader._archive",
        "Microsoft.ML.Runtime.Contracts",
        "Microsoft.ML.Runtime.Contracts.CheckAlive",
        "Microsoft.ML.Runtime.ICancelable",
        "Microsoft.ML.Runtime.ICancelable.get_IsCanceled",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.get_FallbackToCpu",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.get_GpuDeviceId",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.get_Seed",
        "Microsoft.ML.SchemaShape+Column..ctor",
        "Microsoft.ML.SchemaShape.Create",
        "Microsoft.ML.Trainers.OneVersusAllModelParameters+ImplBase",
        "Microsoft.ML.Trainers.OneVersusAllModelParameters+ImplBase.OutputFormula",
        "Microsoft.ML.Trainers.OneVersusAllModelParameters+OutputFormula",
        "Microsoft.ML.Trainers.OneVersusAllModelParameters._impl",
        "Microsoft.ML.Trainers.OneVersusAllModelParameters.get_SubModelParameters",
        "Microsoft.ML.VersionInfo",
        "Microsoft.ML.VersionInfo..ctor",
    ];

    [Fact]
    public void Only_the_folder_Interop_uses_them()
    {
        Assert.Empty(
            Uses.Where(use => use.User != MLNetInternalUses.AssemblyAttribute && !use.User.StartsWith(Interop, StringComparison.Ordinal)).Except(Exceptions));
        Assert.Empty(MLNetInternalUses.Of(typeof(HardnessStudy).Assembly).Except(Loader));
        Assert.Empty(MLNetInternalUses.Of(typeof(EstimatorConformance).Assembly));
        Assert.Empty(MLNetInternalUses.Of(typeof(OnnxTarget).Assembly));
        Assert.Empty(MLNetInternalUses.Of(typeof(PyTorchWeights).Assembly));
        Assert.Empty(MLNetInternalUses.Of(typeof(TextClassifier).Assembly));
        Assert.Empty(MLNetInternalUses.Of(typeof(HnswNeighbors).Assembly));
        Assert.Empty(MLNetInternalUses.Of(typeof(ParquetCatalog).Assembly));
        Assert.Empty(MLNetInternalUses.Of(Assembly.Load("Unlearn.AutoML")));
        Assert.Empty(MLNetInternalUses.Of(typeof(ErasureService).Assembly));
        Assert.Empty(MLNetInternalUses.Of(typeof(PostgresCluster).Assembly));
        Assert.Empty(MLNetInternalUses.Of(typeof(UnlearnDashboardEndpointRouteBuilderExtensions).Assembly));
    }

    [Fact]
    public void No_other_than_the_known_ones_are_used() =>
        Assert.Equal(Known.Select(name => name.Data), Uses.Select(use => use.Internal).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Known))]
    public void Each_is_still_there(string name)
    {
        var assemblies = new[] { typeof(MLContext).Assembly, typeof(ITransformer).Assembly, typeof(OneVersusAllModelParameters).Assembly };
        var type = assemblies.Select(assembly => assembly.GetType(name) ?? assembly.GetType(TypeOf(name))).FirstOrDefault(found => found is not null);
        Assert.True(type is not null, $"Microsoft.ML no longer has the type of {name}.");
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        Assert.True(type.FullName == name || type.GetMember(name[(type.FullName!.Length + 1)..], Any).Length > 0, $"Microsoft.ML no longer has {name}.");
    }

    private static string TypeOf(string member) =>
        member[..(member.EndsWith("..ctor", StringComparison.Ordinal) ? member.Length - "..ctor".Length : member.LastIndexOf('.'))];
}
