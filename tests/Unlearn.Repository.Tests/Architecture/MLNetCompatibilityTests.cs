using System.Reflection;
using System.Runtime.Loader;
using Microsoft.ML;
using Mono.Cecil;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>A process that loads another version of Microsoft.ML hears of it at once, and in plain words.</summary>
public sealed class MLNetCompatibilityTests
{
    [Theory]
    [InlineData("Microsoft.ML.ModelSaveContext", "SaveBinaryStream")]
    [InlineData("Microsoft.ML.SchemaShape/Column", ".ctor")]
    [InlineData("Microsoft.ML.Data.CatalogUtils", null)]
    public void What_it_lacks_is_named(string type, string? member)
    {
        var failure = Assert.Throws<NotSupportedException>(() => CallWithout(type, member));
        Assert.Matches(@"^Unlearn\.Transforms \d\S+ needs Microsoft\.ML \d\S+, but Microsoft\.ML \d\S+ is loaded, which lacks a part that it uses: "
            + @".+ Reference Microsoft\.ML \d\S+\.$", failure.Message);
        Assert.Contains(member ?? type, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_genuine_one_lacks_nothing() => Assert.Throws<ArgumentNullException>("options", () => CallWithout(null, null));

    private static void CallWithout(string? type, string? member)
    {
        var context = new AssemblyLoadContext("another Microsoft.ML", isCollectible: true);
        try
        {
            context.LoadFromStream(Copy(typeof(ITransformer).Assembly, type, member));
            var data = context.LoadFromStream(Copy(typeof(MLContext).Assembly, type, member));
            var transforms = context.LoadFromAssemblyPath(typeof(UnlearnFactorsEstimator).Assembly.Location);
            var mlContext = Activator.CreateInstance(data.GetType(typeof(MLContext).FullName!)!, (int?)1)!;
            var catalog = mlContext.GetType().GetProperty(nameof(MLContext.Transforms))!.GetValue(mlContext);
            var method = transforms.GetType(typeof(UnlearnFactorsCatalog).FullName!)!.GetMethods().Single(candidate => candidate.GetParameters().Length == 2);
            method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [catalog, null], null);
        }
        finally
        {
            context.Unload();
        }
    }

    /// <summary>A copy of an assembly of ML.NET's in which a type, or all members of a name, are called otherwise.</summary>
    private static MemoryStream Copy(Assembly assembly, string? type, string? member)
    {
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        if (type is null || module.GetType(type) is not { } found)
            return new(File.ReadAllBytes(assembly.Location));
        if (member is null)
            found.Name += "Renamed";
        foreach (var method in found.Methods.Where(method => method.Name == member))
            Rename(method);
        var copy = new MemoryStream();
        module.Write(copy);
        copy.Position = 0;
        return copy;
    }

    // A constructor keeps its name; another parameter hides it as well.
    private static void Rename(MethodDefinition method)
    {
        if (method.IsConstructor)
            method.Parameters.Add(new ParameterDefinition(method.Module.TypeSystem.Int32));
        else
            method.Name += "Renamed";
    }
}
