using System.Runtime.InteropServices;
using Microsoft.Build.Framework;
using TorchSharp;
using Unlearn.Transforms.Build;
using Xunit;

namespace Unlearn.Transforms.Tests.Native;

public sealed partial class WeakenGlibcxxVersionNeedTests : IDisposable
{
    private static readonly byte[] Packaged = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Native", "libLibTorchSharp.packaged.so"));

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void PackagedLibraryInsistsOnTheVersion()
    {
        var need = Assert.Single(ElfVersionNeeds.Find(Packaged), IsTheVersion);
        Assert.Equal(0, Packaged[need.FlagsOffset]);
    }

    [Fact]
    public void LibraryInTheOutputDiffersInTheWeakFlagAlone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have other libraries.");

        var output = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));

        Assert.Equal(ElfVersionNeeds.Find(Packaged), ElfVersionNeeds.Find(output));
        AssertOnlyTheWeakFlagDiffers(Packaged, output);
    }

    [Fact]
    public void TorchRuns()
    {
        using var sum = torch.ones(2).sum();
        Assert.Equal(2f, sum.item<float>());
    }

    [Fact]
    public void CopyDiffersInTheWeakFlagAlone() => AssertOnlyTheWeakFlagDiffers(Packaged, Weaken(Packaged));

    [Fact]
    public void CopyOfACopyIsTheSame()
    {
        var once = Weaken(Packaged);
        Assert.Equal(once, Weaken(once));
    }

    [Fact]
    public void LinkedDestinationIsReplacedAndItsTargetKept()
    {
        var target = Write("target.so", [1, 2, 3]);
        var link = InDirectory("link.so");
        File.CreateSymbolicLink(link, target);

        Weaken(Write("source.so", Packaged), link);

        Assert.Null(new FileInfo(link).LinkTarget);
        AssertOnlyTheWeakFlagDiffers(Packaged, File.ReadAllBytes(link));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(target));
    }

    [Fact]
    public void HardLinkedDestinationIsReplacedAndItsTwinKept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs link(2).");
        var source = Write("source.so", Packaged);
        var twin = InDirectory("twin.so");
        Assert.Equal(0, HardLink(source, twin));

        Weaken(source, twin);

        AssertOnlyTheWeakFlagDiffers(Packaged, File.ReadAllBytes(twin));
        Assert.Equal(Packaged, File.ReadAllBytes(source));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public void TruncatedLibraryIsCopiedAsItIs(int length) => AssertCopiedAsItIs(Packaged[..length]);

    [Theory]
    [InlineData(4, 1, "32-bit")]
    [InlineData(5, 2, "big-endian")]
    [InlineData(0, 0x4d, "not ELF")]
    public void OtherFormatsAreCopiedAsTheyAre(int offset, byte value, string format)
    {
        var image = (byte[])Packaged.Clone();
        image[offset] = value;
        Assert.True(AssertCopiedAsItIs(image), format);
    }

    [Fact]
    public void DamageAnywhereIsEitherNoticedOrHarmless()
    {
        var random = new Random(1);
        var header = Enumerable.Range(0, 64);
        var sectionHeaders = Enumerable.Range((int)BitConverter.ToInt64(Packaged, 0x28), Packaged.Length - (int)BitConverter.ToInt64(Packaged, 0x28));
        var versionNeeds = Enumerable.Range(ElfVersionNeeds.Find(Packaged)[0].FlagsOffset - 32, 1024);
        var image = (byte[])Packaged.Clone();

        foreach (var offset in header.Concat(sectionHeaders).Concat(versionNeeds))
        {
            image[offset] = (byte)random.Next(256);
            try
            {
                Assert.All(ElfVersionNeeds.Find(image), need => Assert.InRange(need.FlagsOffset, 0, image.Length - 1));
            }
            catch (InvalidDataException)
            {
            }
            image[offset] = Packaged[offset];
        }
    }

    private static bool IsTheVersion((string Version, int FlagsOffset) need) => need.Version == WeakenGlibcxxVersionNeed.SymbolVersion;

    private static void AssertOnlyTheWeakFlagDiffers(byte[] before, byte[] after)
    {
        Assert.Equal(before.Length, after.Length);
        var difference = Assert.Single(Enumerable.Range(0, before.Length), i => before[i] != after[i]);
        Assert.Equal(ElfVersionNeeds.Find(before).Single(IsTheVersion).FlagsOffset, difference);
        Assert.Equal(ElfVersionNeeds.Weak, before[difference] ^ after[difference]);
    }

    private bool AssertCopiedAsItIs(byte[] image)
    {
        var copy = InDirectory("copy.so");
        var messages = Weaken(Write("source.so", image), copy);
        Assert.Equal(image, File.ReadAllBytes(copy));
        Assert.Contains("is copied unchanged", Assert.Single(messages), StringComparison.Ordinal);
        return true;
    }

    private byte[] Weaken(byte[] image)
    {
        Weaken(Write("source.so", image), InDirectory("copy.so"));
        return File.ReadAllBytes(InDirectory("copy.so"));
    }

    private static List<string> Weaken(string source, string destination)
    {
        var log = new MessageLog();
        Assert.True(new WeakenGlibcxxVersionNeed { Source = source, Destination = destination, BuildEngine = log }.Execute());
        return log.Messages;
    }

    private string InDirectory(string name) => Path.Combine(_directory.FullName, name);

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(InDirectory(name), content);
        return InDirectory(name);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string existing, string created);

    private sealed class MessageLog : IBuildEngine
    {
        public List<string> Messages { get; } = [];

        public void LogMessageEvent(BuildMessageEventArgs e) => Messages.Add(e.Message!);
        public void LogWarningEvent(BuildWarningEventArgs e) => Assert.Fail(e.Message!);
        public void LogErrorEvent(BuildErrorEventArgs e) => Assert.Fail(e.Message!);
        public void LogCustomEvent(CustomBuildEventArgs e) => Assert.Fail(e.Message!);

        public bool ContinueOnError => false;
        public int LineNumberOfTaskNode => 0;
        public int ColumnNumberOfTaskNode => 0;
        public string ProjectFileOfTaskNode => "";
        public bool BuildProjectFile(string file, string[] targets, System.Collections.IDictionary properties, System.Collections.IDictionary outputs) => false;
    }
}
