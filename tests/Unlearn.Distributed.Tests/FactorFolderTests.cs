using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Cli.Tests;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary><c>unlearn factors</c> of a folder of Parquet files, here and by <c>unlearn worker</c>.</summary>
[Collection(nameof(ChaosTests))]
public sealed class FactorFolderTests(PostgresServer server) : IDisposable
{
    private readonly Unlearn.MLNet.Tests.TemporaryFolder _folder = new();

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    private string Table => _folder.File("people.csv");

    private string People => _folder.File("people");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Factors_of_a_folder_are_those_of_the_table_here_and_by_workers(bool isBinary)
    {
        MakePeople(isBinary);
        string[] command = ["--label", "income", "--id", "id", "--model", _folder.File("model.zip")];
        var here = await Tool.RunAsync(["factors", People, .. command, "--out", _folder.File("here"), "--json"], TestToken);
        Assert.True(here.Code == 0, here.Errors);
        Assert.Contains("\"rows\": 160", here.Output, StringComparison.Ordinal);
        Assert.Equal(["factors.json", "people-0.parquet", "people-1.parquet"], Names("here"));
        var table = await Tool.RunAsync(["factors", Table, .. command, "--out", _folder.File("table")], TestToken);
        Assert.True(table.Code == 0, table.Errors);

        var context = new MLContext(1);
        var written = context.Data.LoadFromParquet(_folder.File("here"));
        var lines = await File.ReadAllLinesAsync(_folder.File("table/factors.csv"), TestToken);
        Assert.Equal(lines.Skip(1).Select(line => line.Split(',')[0]), written.GetColumn<string>("id"));
        Assert.All(lines.Skip(1).Zip(written.GetColumn<float[]>("UnlearnFactors")), pair => Assert.Equal(
            pair.First.Split(',').Skip(1).Select(value => float.Parse(value, CultureInfo.InvariantCulture)), pair.Second,
            (one, other) => Math.Abs(one - other) <= 1e-4f * (1 + Math.Abs(one))));
        var listed = await File.ReadAllTextAsync(_folder.File("here/factors.json"), TestToken);
        foreach (var (name, place) in lines[0].Split(',').Skip(1).Select((name, place) => (name, place)))
            Assert.Contains($"\"place\":{place},\"name\":\"{name}\"", listed, StringComparison.Ordinal);

        Environment.SetEnvironmentVariable(KnownSettings.ConnectionVariable, server.NewDatabase());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var worker = Tool.RunAsync(["worker", _folder.File("blobs"), "--workers", "1"], end.Token);
        var there = await Tool.RunAsync(["factors", People, .. command, "--out", _folder.File("there"), "--cluster", _folder.File("blobs")], TestToken);
        Assert.True(there.Code == 0, there.Errors);
        Assert.Equal(Names("here"), Names("there"));
        foreach (var name in Names("here"))
            Assert.Equal(
                await File.ReadAllBytesAsync(_folder.File($"here/{name}"), TestToken), await File.ReadAllBytesAsync(_folder.File($"there/{name}"), TestToken));
        await end.CancelAsync();
        await worker;

        // A second run finds all of it done.
        var again = await Tool.RunAsync(["factors", People, .. command, "--out", _folder.File("here")], TestToken);
        Assert.Contains("2 of them from an earlier run", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_go_with_a_folder_is_told_before_any_work()
    {
        MakePeople(isBinary: false);
        var model = _folder.File("model.zip");
        await RefusedAsync(ExitCodes.Usage, "Which model?", People, "--label", "income", "--id", "id");
        await RefusedAsync(ExitCodes.Usage, "Which model?", People, "--label", "income", "--id", "id", "--model", "model.onnx");
        await RefusedAsync(ExitCodes.Usage, "by --label and --id", People, "--label", "income", "--model", model);
        await RefusedAsync(ExitCodes.Usage, "--rows is not for a folder", People, "--label", "income", "--id", "id", "--model", model, "--rows", "50");
        await RefusedAsync(ExitCodes.Usage, "Which database?", People, "--label", "income", "--id", "id", "--model", model, "--cluster", "blobs");
        await RefusedAsync(ExitCodes.Usage, "--cluster of 'factors' is for a folder", Table, "--label", "income", "--cluster", "blobs");
        await RefusedAsync(
            ExitCodes.Failure, "have no column 'name'. Their columns are: id, height", People, "--label", "income", "--id", "name", "--model", model);
        var context = new MLContext(1);
        var fewer = context.Transforms.DropColumns("height").Fit(context.Data.LoadFromParquet(People)).Transform(context.Data.LoadFromParquet(People));
        Directory.CreateDirectory(_folder.File("fewer"));
        context.Data.SaveAsParquet(fewer, _folder.File("fewer/people.parquet"));
        await RefusedAsync(ExitCodes.Failure, "does not read the files of", _folder.File("fewer"), "--label", "income", "--id", "id", "--model", model);

        async Task RefusedAsync(int code, string expected, params string[] arguments)
        {
            var run = await Tool.RunAsync(["factors", .. arguments, "--out", _folder.File("out")], TestToken);
            Assert.Equal(code, run.Code);
            Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(KnownSettings.ConnectionVariable, null);
        _folder.Dispose();
    }

    // The model reads height as a float, the files have a double.
    private void MakePeople(bool isBinary)
    {
        File.WriteAllText(Table, TestModels.People(160, isBinary));
        var context = new MLContext(1);
        var data = TestModels.Save(context, Table, isBinary, _folder.File("model.zip"));
        Directory.CreateDirectory(People);
        var wide = context.Transforms.Conversion.ConvertType("height", outputKind: DataKind.Double).Fit(data).Transform(data);
        context.Data.SaveAsParquet(context.Data.TakeRows(wide, 100), Path.Combine(People, "people-0.parquet"));
        context.Data.SaveAsParquet(context.Data.SkipRows(wide, 100), Path.Combine(People, "people-1.parquet"));
    }

    private string[] Names(string folder) =>
        [.. Directory.EnumerateFiles(_folder.File(folder)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
