using System.Diagnostics;
using Xunit;

namespace Unlearn.Repository.Tests.Build;

/// <summary>Which version packages get: that of the commit's tag, or the default one.</summary>
public sealed class VersionTests : IDisposable
{
    private const string Default = "0.1.0";
    private readonly string _folder = Directory.CreateTempSubdirectory("unlearn-version-").FullName;

    public VersionTests() => File.WriteAllText(Path.Combine(_folder, "Package.csproj"), $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <DefaultVersion>{Default}</DefaultVersion>
            <Version>$(DefaultVersion)</Version>
            <IsPackable>true</IsPackable>
            <RepositoryRoot>$(MSBuildProjectDirectory)/</RepositoryRoot>
          </PropertyGroup>
          <Import Project="{Path.Combine(Repository.Root, "eng", "Version.targets")}" />
        </Project>
        """);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Default)]
    [InlineData(Default, "other")]
    [InlineData(Default, "v2", "version-3", "v1.2")]
    [InlineData("1.2.3", "v1.2.3")]
    [InlineData("1.3.0-beta.2", "v1.3.0-beta.2", "other")]
    [InlineData("1.10.0", "v1.9.0", "v1.10.0", "v1.10.0-rc.1")]
    public async Task A_tag_gives_the_version(string expected, params string[] tags)
    {
        await CommitAsync();
        foreach (var tag in tags)
            await GitAsync("tag", tag);
        Assert.Equal((expected, expected), await VersionAsync());
    }

    [Fact]
    public async Task Tags_with_a_message_and_packed_ones_count_and_those_of_other_commits_do_not()
    {
        await CommitAsync();
        await GitAsync("tag", "-a", "v1.2.3", "-m", "A release");
        Assert.Equal(("1.2.3", "1.2.3"), await VersionAsync());
        await GitAsync("pack-refs", "--all");
        Assert.Equal(("1.2.3", "1.2.3"), await VersionAsync());
        Assert.Equal(("9.9.9", "9.9.9"), await VersionAsync("-p:Version=9.9.9"));
        await CommitAsync();
        Assert.Equal((Default, Default), await VersionAsync());
    }

    [Fact]
    public async Task Without_git_it_is_the_default()
    {
        Assert.Equal((Default, Default), await VersionAsync());
        Directory.CreateDirectory(Path.Combine(_folder, ".git", "refs", "tags"));
        await File.WriteAllTextAsync(Path.Combine(_folder, ".git", "refs", "tags", "v1.2.3"), "no repository", TestContext.Current.CancellationToken);
        Assert.Equal((Default, Default), await VersionAsync());
    }

    private async Task CommitAsync()
    {
        await GitAsync("init", "-q");
        await GitAsync("commit", "-q", "--allow-empty", "-m", "Commit");
    }

    private Task<string> GitAsync(params string[] arguments) => RunAsync("git",
        ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "tag.gpgSign=false", "-c", "commit.gpgSign=false", .. arguments]);

    /// <summary>The version of the package, and that in its assembly.</summary>
    private async Task<(string Package, string Assembly)> VersionAsync(params string[] options)
    {
        var project = Path.Combine(_folder, "Package.csproj");
        string[] of = ["msbuild", project, "-nodeReuse:false", .. options];
        var package = await RunAsync("dotnet", [.. of, "-t:_GetProjectVersion", "-getProperty:PackageVersion"]);
        var assembly = await RunAsync("dotnet", [.. of, "-t:GetAssemblyVersion", "-getProperty:InformationalVersion"]);
        return (package.Trim(), assembly.Trim().Split('+')[0]);
    }

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program == "dotnet" ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? program : program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What 'dotnet test' tells its own children is not meant for another MSBuild.
        foreach (var variable in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(variable);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        return output;
    }
}
