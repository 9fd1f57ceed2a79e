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

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(null, null, false, false)]
    [InlineData("MALLOC_TRIM_THRESHOLD_", "100000", null, false)]
    [InlineData("MALLOC_TRIM_THRESHOLD_", "100000", true, true)]
    [InlineData("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", null, false)]
    [InlineData("GLIBC_TUNABLES", "glibc.rtld.nns=2", null, true)]
    public void Trials_keep_freed_memory_unless_the_process_is_set_up_otherwise(string? variable, string? value, bool? isAsked, bool expected) =>
        Assert.Equal(expected, TorchRuntime.ShouldKeep(name => name == variable ? value : null, isAsked));
}
