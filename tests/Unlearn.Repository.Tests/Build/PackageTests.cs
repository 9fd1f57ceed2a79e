using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>What users get who install the packages: packed from the libraries as they were built.</summary>
public sealed class PackageTests(PackageTests.Packages packages) : IClassFixture<PackageTests.Packages>
{
    // A package that is missing here or there is a change for every user. So is a newer version: users cannot take an older one.
    public static readonly TheoryData<string, string[]> Dependencies = new()
    {
        { "Unlearn.Transforms", ["Microsoft.ML 5.0.1", "Microsoft.ML.FastTree 5.0.1", "System.Numerics.Tensors 9.0.19", "TorchSharp 0.107.0"] },
        { "Unlearn.MLNet", ["Microsoft.Data.Sqlite 10.0.1", "Microsoft.ML.FastTree 5.0.1", "Microsoft.ML.LightGbm 5.0.1", "Unlearn.Transforms 0.1.0"] },
        { "Unlearn.Parquet", ["Microsoft.ML 5.0.1", "Parquet.Net 6.1.0"] },
        { "Unlearn.PyTorch", ["TorchSharp.PyBridge 1.4.4", "Unlearn.Transforms 0.1.0"] },
        { "Unlearn.Onnx", ["Microsoft.ML.OnnxRuntime.Managed 1.31.1", "Unlearn.Transforms 0.1.0"] },
        {
            "Unlearn.Hosting",
            [
                "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions 10.0.0", "Microsoft.Extensions.Hosting.Abstractions 10.0.0",
                "Microsoft.Extensions.Options.ConfigurationExtensions 10.0.0", "Unlearn.MLNet 0.1.0",
            ]
        },
        { "Unlearn.TextClassification", ["Unlearn.Transforms 0.1.0"] },
        { "Unlearn.USearch", ["Cloud.Unum.USearch 2.26.6", "Unlearn.Transforms 0.1.0"] },
        {
            "Unlearn.Distributed",
            ["Hangfire.Core 1.8.25", "Hangfire.PostgreSql 1.21.1", "Npgsql 10.0.3", "Unlearn.MLNet 0.1.0", "Unlearn.Parquet 0.1.0"]
        },
        { "Unlearn.Distributed.Dashboard", ["Hangfire.AspNetCore 1.8.25", "Unlearn.Distributed 0.1.0"] },
        { "Unlearn.Conformance", ["Unlearn.MLNet 0.1.0", "Unlearn.Transforms 0.1.0"] },
    };

    public static TheoryData<string> Names => [.. Dependencies.Select(row => row.Data.Item1)];

    [Fact]
    public void Every_library_is_here() => Assert.Equal(
        Directory.EnumerateFiles(packages.Folder, "*.nupkg").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
        Names.Select(name => $"{name.Data}.0.1.0.nupkg").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Dependencies))]
    public void A_package_depends_on_what_its_project_names_and_on_nothing_else(string name, string[] dependencies) =>
        Assert.Equal(dependencies, Elements(name, "dependency")
            .Select(dependency => $"{dependency.Attribute("id")!.Value} {dependency.Attribute("version")!.Value}")
            .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_package_says_what_it_is(string name)
    {
        string Text(string element) => Assert.Single(Elements(name, element)).Value;
        Assert.Equal("MIT", Text("license"));
        Assert.True(Text("description").Length > 40);
        Assert.Contains("machine-unlearning", Text("tags"), StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{40}$", Assert.Single(Elements(name, "repository")).Attribute("commit")!.Value);
        var files = Files(name, "nupkg");
        Assert.Contains(Text("icon"), files);
        Assert.Contains(Text("readme"), files);
        Assert.Contains($"lib/net10.0/{name}.xml", files);
        Assert.Contains($"lib/net10.0/{name}.pdb", Files(name, "snupkg"));
        Assert.StartsWith($"# {name}\n", File.ReadAllText(Path.Combine(Repository.Root, "src", name, "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_path_of_the_machine_that_packed_it_is_in_it(string name)
    {
        var nuspec = Nuspec(name).ToString();
        Assert.DoesNotContain(Repository.Root, nuspec, StringComparison.Ordinal);
        Assert.DoesNotContain("file:", nuspec, StringComparison.Ordinal);
    }

    /// <summary>The documents' code is compiled; that of a package's page is taken from there, or from a test.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_code_on_a_packages_page_is_code_that_is_compiled(string name)
    {
        var compiled = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Select(line => line.Trim())
            .ToHashSet(StringComparer.Ordinal);
        var parts = File.ReadAllText(Path.Combine(Repository.Root, "src", name, "README.md")).Split("```");
        var lines = parts.Where(part => part.StartsWith("csharp\n", StringComparison.Ordinal))
            .SelectMany(part => part.Split('\n').Skip(1))
            .Select(line => line.Trim())
            .Where(line => line.Length > 0)
            .ToList();
        Assert.NotEmpty(lines);
        Assert.Empty(lines.Except(compiled));
    }

    private XDocument Nuspec(string name)
    {
        using var archive = ZipFile.OpenRead(packages.Path(name, "nupkg"));
        using var stream = archive.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(stream);
    }

    private IEnumerable<XElement> Elements(string name, string element) => Nuspec(name).Descendants().Where(node => node.Name.LocalName == element);

    private List<string> Files(string name, string kind)
    {
        using var archive = ZipFile.OpenRead(packages.Path(name, kind));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    /// <summary>The libraries, packed once.</summary>
    public sealed class Packages : IDisposable
    {
        private static readonly string[] Libraries = [.. Names.Select(name => (string)name.Data)];
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unlearn-packages-");

        public Packages() => Parallel.ForEach(Libraries, new ParallelOptions { MaxDegreeOfParallelism = 2 }, Pack);

        public string Folder => _folder.FullName;

        public string Path(string name, string kind) => System.IO.Path.Combine(Folder, $"{name}.0.1.0.{kind}");

        public void Dispose() => _folder.Delete(recursive: true);

        private void Pack(string library)
        {
            var configuration = typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [
                "pack", $"src/{library}", "--no-build", "-c", configuration, "-o", Folder, "-nodeReuse:false", "-p:VersionFromTag=false",
            ])
            {
                WorkingDirectory = Repository.Root,
                RedirectStandardOutput = true,
            };
            // What 'dotnet test' tells its own children is not meant for another MSBuild.
            foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
                start.Environment.Remove(variable);
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{library} cannot be packed: {output}");
        }
    }
}
