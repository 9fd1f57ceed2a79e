using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Unlearn.MLNet.Erasure.Log;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

public sealed class ErasureLogTests
{
    [Fact]
    public void Entries_come_back_as_they_were_written_and_are_chained()
    {
        using var folder = new TemporaryFolder();
        Write(folder, 5);
        var entries = LogText.Read(File.ReadAllBytes(folder.File("log.jsonl")));
        Assert.Equal(5, entries.Count);
        Assert.Equal(
            ["Zoë <b> \u0001 \"quoted\"\nline 0", "Zoë <b> \u0001 \"quoted\"\nline 4"], new[] { entries[0], entries[4] }.Select(entry => entry.Text("text")));
        using var log = new ErasureLog(folder.File("log.jsonl"), new ManualTime());
        Assert.Equal(entries[^1].Hash, log.Head);
        Assert.Equal(5, log.Append("kind", []).Index);
    }

    [Fact]
    public void Every_one_of_10000_flips_of_a_byte_is_found()
    {
        using var folder = new TemporaryFolder();
        Write(folder, 40);
        var bytes = File.ReadAllBytes(folder.File("log.jsonl"));
        var random = new SeededRandom(1);
        for (var i = 0; i < 10_000; i++)
        {
            var (at, bit) = (random.Next(bytes.Length), (byte)(1 << random.Next(8)));
            bytes[at] ^= bit;
            Assert.Throws<FormatException>(() => LogText.Read(bytes));
            bytes[at] ^= bit;
        }
        Assert.Equal(40, LogText.Read(bytes).Count);
    }

    [Fact]
    public void Entries_taken_away_swapped_or_put_in_are_found()
    {
        using var folder = new TemporaryFolder();
        Write(folder, 6);
        string[] lines = File.ReadAllLines(folder.File("log.jsonl"));
        Assert.Contains("Entry 2", Damage([.. lines[..2], .. lines[3..]]), StringComparison.Ordinal);
        Assert.Contains("Entry 1", Damage([lines[0], lines[2], lines[1], .. lines[3..]]), StringComparison.Ordinal);
        Assert.Contains("Entry 3", Damage([.. lines[..3], lines[2], .. lines[3..]]), StringComparison.Ordinal);
        Assert.Contains("Entry 0", Damage(lines[1..]), StringComparison.Ordinal);

        static string Damage(string[] lines) =>
            Assert.Throws<FormatException>(() => LogText.Read(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"))).Message;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void An_entry_that_a_kill_left_half_written_is_dropped_and_noted(int kept)
    {
        using var folder = new TemporaryFolder();
        Write(folder, 3);
        var bytes = File.ReadAllBytes(folder.File("log.jsonl"));
        var last = Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) + 1;
        File.WriteAllBytes(folder.File("log.jsonl"), bytes[..(last + kept)]);
        using var log = new ErasureLog(folder.File("log.jsonl"), new ManualTime());
        Assert.Equal(3, log.Entries.Count);
        Assert.Equal((EntryKind.Recovered, kept), (log.Entries[^1].Kind, log.Entries[^1].Data["droppedBytes"]!.GetValue<int>()));
    }

    [Fact]
    public void On_a_full_disk_the_log_stays_as_it_was()
    {
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", folder.Path), "No small disk can be mounted here: it takes root.");
        try
        {
            using (var log = new ErasureLog(folder.File("log.jsonl"), new ManualTime()))
            {
                log.Append("small", []);
                foreach (var length in new[] { 20_000, 3_900 })
                {
                    var full = Assert.Throws<IOException>(() =>
                    {
                        for (var i = 0; i < 4; i++)
                            log.Append("large", new() { ["text"] = new string('x', length) });
                    });
                    Assert.Contains("counts as not done", full.Message, StringComparison.Ordinal);
                }
            }
            // What was acknowledged is there, and nothing else; the log goes on.
            using (var again = new ErasureLog(folder.File("log.jsonl"), new ManualTime()))
                Assert.DoesNotContain(again.Entries, entry => entry.Kind == EntryKind.Recovered);
        }
        finally
        {
            Run("umount", folder.Path);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static void Write(TemporaryFolder folder, int count)
    {
        using var log = new ErasureLog(folder.File("log.jsonl"), new ManualTime());
        for (var i = 0; i < count; i++)
            log.Append("kind", new JsonObject { ["text"] = $"Zoë <b> \u0001 \"quoted\"\nline {i}", ["number"] = i / 3.0 });
    }
}
