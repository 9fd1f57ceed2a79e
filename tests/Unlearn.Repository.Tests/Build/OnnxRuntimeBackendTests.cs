using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>Which ONNX Runtime a project carries. Projects are evaluated, not restored: the CUDA package need not be there.</summary>
public sealed class OnnxRuntimeBackendTests
{
    private const string Package = "Microsoft.ML.OnnxRuntime";

    [Theory]
    [InlineData("src/Unlearn.Cli", null, Package, "")]
    [InlineData("src/Unlearn.Cli", "cuda", $"{Package}.Gpu", "obj/packages.cpu.onnx-cuda.lock.json")]
    [InlineData("examples/TransferLearning", "cuda", $"{Package}.Gpu", "obj/packages.cpu.onnx-cuda.lock.json")]
    [InlineData("tests/Unlearn.Integration.Tests", "cuda", $"{Package}.Gpu", "obj/packages.cpu.onnx-cuda.lock.json")]
    [InlineData("src/Unlearn.Onnx", "cuda", null, "")]
    public async Task An_executable_references_the_chosen_one_and_a_library_none(string project, string? backend, string? package, string lockFile)
    {
        using var evaluated = await ProjectEvaluation.OfAsync(project, backend is null ? [] : [$"-p:OnnxRuntimeBackend={backend}"]);
        var packages = evaluated.RootElement
            .GetProperty("Items")
            .GetProperty("PackageReference")
            .EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!);
        Assert.Equal(package is null ? [] : [package], packages.Where(name => name is Package or $"{Package}.Gpu"));
        Assert.Equal(lockFile, evaluated.RootElement.GetProperty("Properties").GetProperty("NuGetLockFilePath").GetString());
    }
}
