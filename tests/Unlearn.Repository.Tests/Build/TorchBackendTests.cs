using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>Which libtorch a project carries. Projects are evaluated, not restored: the CUDA packages need not be there.</summary>
public sealed class TorchBackendTests
{
    [Theory]
    [InlineData("examples/FashionMnist", null, "TorchSharp-cpu", "")]
    [InlineData("examples/FashionMnist", "cuda-linux", "TorchSharp-cuda-linux", "obj/packages.cuda-linux.lock.json")]
    [InlineData("tests/Unlearn.MLNet.Tests", "cuda-windows", "TorchSharp-cuda-windows", "obj/packages.cuda-windows.lock.json")]
    [InlineData("src/Unlearn.MLNet", "cuda-linux", null, "")]
    public async Task An_executable_references_the_chosen_one_and_a_library_none(string project, string? backend, string? package, string lockFile)
    {
        using var evaluated = await ProjectEvaluation.OfAsync(project, backend is null ? [] : [$"-p:TorchBackend={backend}"]);
        var packages = evaluated.RootElement
            .GetProperty("Items")
            .GetProperty("PackageReference")
            .EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!);
        Assert.Equal(package is null ? [] : [package], packages.Where(name => name.StartsWith("TorchSharp-", StringComparison.Ordinal)));
        Assert.Equal(lockFile, evaluated.RootElement.GetProperty("Properties").GetProperty("NuGetLockFilePath").GetString());
    }
}
