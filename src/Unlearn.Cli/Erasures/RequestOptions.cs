using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Erasures;

/// <summary>The options that make up an erasure request.</summary>
internal sealed class RequestOptions
{
    private const int UsualDays = 30;

    private readonly Option<string[]> _rows = new("--rows")
    {
        Description = "Ids of the rows to erase. May be repeated.",
        HelpName = "ID,ID",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string?> _file = new("--rows-file") { Description = "File with an id in each line.", HelpName = "FILE" };
    private readonly Option<string?> _where = new("--where")
    {
        Description = "All rows with a value in a column of the table, as the file has it: the rows of a person. label=NAME: all rows of a class.",
        HelpName = "COLUMN=VALUE",
    };
    private readonly Option<string?> _id = new("--request") { Description = "Id of the request. Default: R- and the time.", HelpName = "ID" };
    private readonly Option<string?> _received = new("--received") { Description = "Day on which it came. Default: now.", HelpName = "YYYY-MM-DD" };
    private readonly Option<string?> _due = new("--due")
    {
        Description = $"Day by whose end (UTC) the rows must be erased. Default: {UsualDays} days after it came.",
        HelpName = "YYYY-MM-DD",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _rows, _file, _where, _id, _received, _due })
            command.Add(option);
    }

    /// <summary>Whether a command line names rows.</summary>
    /// <exception cref="UsageException">It tells of a request without rows, or of rows in several ways.</exception>
    public bool IsGiven(ParseResult parsed)
    {
        var ways = new Option[] { _rows, _file, _where }.Count(option => parsed.GetResult(option) is not null);
        if (ways > 1)
            throw new UsageException("--rows, --rows-file and --where exclude each other: a request names its rows in one way.");
        if (ways == 0 && new Option[] { _id, _received, _due }.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } lone)
            throw new UsageException($"{lone.Name} is of a request, which needs rows: name them by --rows, --rows-file or --where.");
        _ = Times(parsed, TimeProvider.System.GetUtcNow());
        return ways > 0;
    }

    /// <summary>Reads the request.</summary>
    /// <param name="parsed">The command line, which names rows.</param>
    /// <param name="rows">The rows that are left.</param>
    /// <exception cref="ArgumentException">There is no such column, or no row with the value.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public ErasureRequest Read(ParseResult parsed, IDataView rows)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (received, due) = Times(parsed, now);
        return new()
        {
            Id = parsed.GetValue(_id) ?? $"R-{now.ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture)}",
            RowIds = Rows(parsed, rows),
            ReceivedAt = received,
            DueAt = due,
        };
    }

    private IReadOnlyList<string> Rows(ParseResult parsed, IDataView rows)
    {
        if (parsed.GetValue(_file) is { } file)
            return File.Exists(file)
                ? [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)]
                : throw new FileNotFoundException($"There is no file '{Path.GetFullPath(file)}': name one with a row's id in each line.");
        if (parsed.GetValue(_where) is not { } where)
            return [.. parsed.GetValue(_rows)!.SelectMany(ids => ids.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        var end = where.IndexOf('=', StringComparison.Ordinal);
        return end > 0 ? RowFile.Where(rows, where[..end], where[(end + 1)..]) : throw new UsageException($"--where takes COLUMN=VALUE, not '{where}'.");
    }

    private (DateTimeOffset Received, DateTimeOffset Due) Times(ParseResult parsed, DateTimeOffset now)
    {
        var received = Day(parsed, _received) ?? now;
        if (received > now)
            throw new UsageException(Invariant($"--received {received:yyyy-MM-dd} is in the future: leave it out for now."));
        var due = Day(parsed, _due) is { } day ? day.AddDays(1).AddSeconds(-1) : received.AddDays(UsualDays);
        return due >= received
            ? (received, due)
            : throw new UsageException(Invariant($"--due {due:yyyy-MM-dd} is before the request came, {received:yyyy-MM-dd}: say by --received when it came."));
    }

    private static DateTimeOffset? Day(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text)
            return null;
        return DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
            ? day
            : throw new UsageException($"{option.Name} takes a day such as 2027-01-31, not '{text}'.");
    }
}
