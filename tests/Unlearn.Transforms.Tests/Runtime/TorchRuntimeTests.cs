using System.Runtime.InteropServices;
using Xunit;

namespace Unlearn.Transforms.Tests.Runtime;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void Freed_memory_is_kept_where_the_C_library_is_glibc()
    {
        Assert.Equal(
            OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal), TorchRuntime.KeepFreedMemory());
    }
}
