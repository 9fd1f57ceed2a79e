using System.Text;
using Parquet.Serialization;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Xunit;

namespace Unlearn.Cli.Tests;

/// <summary>Whatever a file holds, the tool reads it or says in one line why not.</summary>
public sealed class HostileFileTests
{
    private const int Files = 100;

    [Fact]
    public async Task Damaged_CSV_files_are_read_or_refused_in_one_line()
    {
        var whole = Encoding.UTF8.GetBytes(TestTables.People(40));
        var random = new Random(2);
        for (var i = 0; i < Files; i++)
            await AssertReadOrRefusedAsync($"{i}.csv", Damage(whole, random));
    }

    [Fact]
    public async Task Damaged_Parquet_files_are_read_or_refused_in_one_line()
    {
        using var stream = new MemoryStream();
        await ParquetSerializer.SerializeAsync(Enumerable.Range(0, 40).Select(i => new Row { Size = i, Name = $"n{i % 4}", Label = i % 2 }).ToArray(), stream,
            cancellationToken: TestContext.Current.CancellationToken);
        var random = new Random(3);
        for (var i = 0; i < Files; i++)
            await AssertReadOrRefusedAsync($"{i}.parquet", Damage(stream.ToArray(), random));
    }

    [Fact]
    public void Damaged_options_files_are_read_or_refused_in_one_line()
    {
        var values = new SettingValues();
        values.Set(KnownSettings.Rows, ["100"], "here");
        values.Set(KnownSettings.Label, ["income"], "here");
        var whole = Encoding.UTF8.GetBytes(OptionsFile.Commented(values));
        var random = new Random(4);
        using TemporaryFolder folder = new();
        for (var i = 0; i < Files; i++)
        {
            var path = folder.Write("unlearn.json", Damage(whole, random));
            try
            {
                OptionsFile.Read(path, new());
            }
            catch (UsageException refusal)
            {
                Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("label")]
    [InlineData("a,label\n")]
    [InlineData("\0\0\0\0\u0001\u0002\u0003")]
    [InlineData("label,\u001b[31mred\u001b[0m,[bold]\n1,[/],[red]\n2,[[,]]\n1,x,y\n")]
    [InlineData("label,a\n1,1e999\n2,-1e999\n1,5\n2,6\n")]
    [InlineData("label,a\n1,\"\n2,3\n")]
    public async Task Odd_files_are_read_or_refused_in_one_line(string content) => await AssertReadOrRefusedAsync("odd.csv", Encoding.UTF8.GetBytes(content));

    private static async Task AssertReadOrRefusedAsync(string name, byte[] content)
    {
        using TemporaryFolder folder = new();
        var values = new SettingValues();
        values.Set(KnownSettings.Data, [folder.Write(name, content)], "here");
        if (name != "odd.csv")
            values.Set(KnownSettings.Label, [name.EndsWith(".csv", StringComparison.Ordinal) ? "income" : "Label"], "here");
        values.Set(KnownSettings.Model, ["logistic"], "here");
        using StringWriter output = new(), errors = new();
        var screen = new Screen(output, errors, isTerminal: false);
        var code = await screen.RunAsync(() => "Stopped.", async () =>
        {
            using var data = await DataLoader.LoadAsync(values, screen, TestContext.Current.CancellationToken);
            return ExitCodes.Success;
        }, TestContext.Current.CancellationToken);
        Assert.True(code is ExitCodes.Success or ExitCodes.Failure, $"{name}: {code}");
        if (code == ExitCodes.Failure)
            Assert.True(errors.ToString().Trim() is { Length: > 20 } line && !line.Contains('\n') && !line.Contains("   at ", StringComparison.Ordinal),
                $"{name}: {errors}");
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        List<byte> bytes = [.. whole];
        for (var changes = random.Next(1, 12); changes > 0 && bytes.Count > 0; changes--)
        {
            var place = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(place, Math.Min(random.Next(1, 60), bytes.Count - place));
                    break;
                case 2:
                    bytes.InsertRange(
                        place, Encoding.UTF8.GetBytes(new[] { "\"", ",", "\n", ",,,,,", "\"\"", "\r", "\0", "NaN", "{", "[/]" }[random.Next(10)]));
                    break;
                case 3:
                    bytes.RemoveRange(place, bytes.Count - place);
                    break;
                default:
                    bytes.InsertRange(place, bytes.GetRange(0, Math.Min(random.Next(100), bytes.Count)));
                    break;
            }
        }
        return [.. bytes];
    }

    private sealed class Row
    {
        public double Size { get; set; }

        public string Name { get; set; } = "";

        public int Label { get; set; }
    }
}
