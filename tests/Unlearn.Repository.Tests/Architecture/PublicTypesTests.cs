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

/// <summary>What users of the libraries see.</summary>
public sealed class PublicTypesTests
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] Exported =
    [
        .. new[]
        {
            typeof(UnlearnFactorsEstimator), typeof(HardnessStudy), typeof(EstimatorConformance), typeof(OnnxTarget), typeof(PyTorchWeights),
            typeof(ErasureService), typeof(TextClassifier), typeof(PostgresCluster), typeof(ParquetCatalog), typeof(HnswNeighbors),
            typeof(UnlearnDashboardEndpointRouteBuilderExtensions),
        }
        .SelectMany(type => type.Assembly.GetExportedTypes()),
    ];

    /// <summary>Each public type is a promise: a new one needs a reason, and a number raised. Types of a package are seen by those who add it.</summary>
    [Theory]
    [InlineData(typeof(UnlearnFactorsEstimator), 42)]
    [InlineData(typeof(HardnessStudy), 99)]
    [InlineData(typeof(EstimatorConformance), 12)]
    [InlineData(typeof(ErasureService), 10)]
    [InlineData(typeof(PostgresCluster), 9)]
    [InlineData(typeof(UnlearnDashboardEndpointRouteBuilderExtensions), 1)]
    [InlineData(typeof(OnnxTarget), 3)]
    [InlineData(typeof(PyTorchWeights), 2)]
    [InlineData(typeof(TextClassifier), 1)]
    [InlineData(typeof(ParquetCatalog), 1)]
    [InlineData(typeof(HnswNeighbors), 1)]
    public void There_are_not_more_than_users_need(Type ofPackage, int most) =>
        Assert.InRange(ofPackage.Assembly.GetExportedTypes().Count(type => !type.IsNested), 1, most);

    [Fact]
    public void None_can_be_derived_from_by_accident() =>
        Assert.Empty(Exported.Where(type => !(type.IsSealed || type.IsAbstract || type.IsValueType)).Select(type => type.FullName));

    [Fact]
    public void Structs_compare_by_value() =>
        Assert.Empty(
            Exported.Where(type => type.IsValueType && !type.IsEnum && type.GetMethod("PrintMembers", Declared) is null).Select(type => type.FullName));

    [Fact]
    public void No_signature_names_a_type_that_users_cannot_see()
    {
        var hidden =
            from type in Exported
            from used in Signatures(type).SelectMany(Parts)
            where !used.IsVisible
            select $"{type.FullName}: {used.FullName}";
        Assert.Empty(hidden.Distinct());
    }

    private static IEnumerable<Type> Signatures(Type type)
    {
        var methods = type.GetMethods(Declared)
            .Cast<MethodBase>()
            .Concat(type.GetConstructors(Declared))
            .Where(method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)
            .ToList();
        return
        [
            .. type.BaseType is { } parent ? [parent] : Type.EmptyTypes,
            .. type.GetInterfaces().Where(implemented => implemented.Namespace?.StartsWith("Microsoft.ML", StringComparison.Ordinal) != true),
            .. type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly).Select(field => field.FieldType),
            .. methods.SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType),
            .. methods.OfType<MethodInfo>().Select(method => method.ReturnType),
        ];
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? []
        : type.IsGenericType ? [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)]
        : [type];
}
