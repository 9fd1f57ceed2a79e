using System.Reflection;
using System.Text.Json;
using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>What the AutoML adapter is compiled against: signatures by default, the package where it is asked for.</summary>
public sealed class AutoMLPackageTests
{
    private const string Project = "src/Unlearn.AutoML";

    [Fact]
    public async Task By_default_it_is_compiled_against_signatures_and_never_packed()
    {
        using var evaluated = await ProjectEvaluation.OfAsync(Project, []);
        Assert.DoesNotContain("Microsoft.ML.AutoML", Items(evaluated, "PackageReference"));
        Assert.Single(Items(evaluated, "ProjectReference"), path => path.EndsWith("/Microsoft.ML.AutoML.csproj", StringComparison.Ordinal));
        Assert.Equal("false", Property(evaluated, "IsPackable"));
    }

    [Fact]
    public async Task With_the_package_the_signatures_are_gone_and_it_can_be_packed()
    {
        using var evaluated = await ProjectEvaluation.OfAsync(Project, ["-p:UseAutoMLPackage=true"]);
        Assert.Contains("Microsoft.ML.AutoML", Items(evaluated, "PackageReference"));
        Assert.DoesNotContain(Items(evaluated, "ProjectReference"), path => path.Contains("eng/references", StringComparison.Ordinal));
        Assert.Equal("true", Property(evaluated, "IsPackable"));
        Assert.Equal("obj/packages.automl.lock.json", Property(evaluated, "NuGetLockFilePath"));
    }

    /// <summary>The runtime refuses to load an assembly that says so of itself, and no program has it.</summary>
    [Fact]
    public void The_signatures_are_not_beside_programs()
    {
        var adapter = Assembly.Load("Unlearn.AutoML");
        Assert.Contains(adapter.GetReferencedAssemblies(), name => name.Name == "Microsoft.ML.AutoML");
        Assert.False(File.Exists(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.AutoML.dll")));
    }

    private static IEnumerable<string> Items(JsonDocument evaluated, string kind) =>
        evaluated.RootElement.GetProperty("Items").GetProperty(kind).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!);

    private static string? Property(JsonDocument evaluated, string name) => evaluated.RootElement.GetProperty("Properties").GetProperty(name).GetString();
}
