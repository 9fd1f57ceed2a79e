using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Unlearn.Distributed;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Terminal;

/// <summary>Where a command writes: results to one stream, errors to the other.</summary>
internal sealed class Screen
{
    // In a file or a pipe there is no terminal whose width would matter.
    private const int WidthWithoutTerminal = 120;
    private static readonly JsonSerializerOptions JsonOptions =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _stopping = new();
    private Func<string> _stopped = () => DescribeStop(null);
    private bool _saidStopped;

    /// <param name="output">Results.</param>
    /// <param name="errors">Errors, and progress where the results are JSON.</param>
    /// <param name="isTerminal">Whether a person looks at it, so that bars may move and colors show.</param>
    public Screen(TextWriter output, TextWriter errors, bool isTerminal)
    {
        (Output, Errors, IsTerminal) = (output, errors, isTerminal);
        var hasColors = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        Ansi = AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = hasColors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
            Ansi.Profile.Width = WidthWithoutTerminal;
    }

    /// <summary>The process's own streams.</summary>
    public static Screen OfProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected);

    public TextWriter Output { get; }

    public TextWriter Errors { get; }

    public IAnsiConsole Ansi { get; }

    public bool IsTerminal { get; }

    /// <summary>One JSON document is the only result.</summary>
    public bool IsJson { get; set; }

    /// <summary>Results alone: no progress, no explanations.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>Errors with their stack traces.</summary>
    public bool IsVerbose { get; set; }

    /// <summary>Whether people read the results, as lines and tables.</summary>
    public bool ShowsText => !IsJson && !IsQuiet;

    /// <summary>Where lines of progress go.</summary>
    public TextWriter ProgressLines => IsQuiet ? TextWriter.Null : IsJson ? Errors : Output;

    /// <summary>An explanation, for people.</summary>
    public void Say(string line)
    {
        if (ShowsText)
            Output.WriteLine(line);
    }

    /// <summary>A result, such as the path of a file: quiet commands say it too.</summary>
    public void Result(string line)
    {
        if (!IsJson)
            Output.WriteLine(line);
    }

    /// <summary>A table, for people.</summary>
    public void Show(Table table)
    {
        if (ShowsText)
            Ansi.Write(table);
    }

    /// <summary>The result for programs.</summary>
    public void Json(object result)
    {
        if (IsJson)
            Output.WriteLine(JsonSerializer.Serialize(result, JsonOptions));
    }

    public void Error(string message)
    {
        if (IsTerminal && !Console.IsErrorRedirected)
            AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Errors), ColorSystem = Ansi.Profile.Capabilities.ColorSystem == ColorSystem.NoColors
                ? ColorSystemSupport.NoColors
                : ColorSystemSupport.Detect })
                .MarkupLineInterpolated($"[red]{message}[/]");
        else
            Errors.WriteLine(message);
    }

    /// <summary>Says that the command was stopped, and what is kept: once, whoever asks.</summary>
    public void SayStopped()
    {
        lock (_stopping)
        {
            if (_saidStopped)
                return;
            _saidStopped = true;
            if (IsTerminal)
                Output.Write("\e[?25h"); // bars hide the cursor
            Error(_stopped());
        }
    }

    /// <summary>Runs a command's work. What it fails with becomes a line and an exit code.</summary>
    /// <param name="stopped">What is said after a stop, see <see cref="DescribeStop"/>; it is asked from any thread.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">What stops the work. Whatever it fails with after that is no failure.</param>
    public async Task<int> RunAsync(Func<string> stopped, Func<Task<int>> work, CancellationToken cancellationToken)
    {
        _stopped = stopped;
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException || cancellationToken.IsCancellationRequested)
        {
            SayStopped();
            return ExitCodes.Stopped;
        }
        catch (UsageException wrong)
        {
            Error(OneLine(wrong.Message));
            return ExitCodes.Usage;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or ArgumentException or InvalidOperationException
            or NotSupportedException or UnauthorizedAccessException or FormatException or OverflowException
            or TorchUnavailableException or TrainingDivergedException or TrialFailedException or TrialLedgerException or DistributedTrialsException)
        {
            Error(IsVerbose ? failure.ToString() : OneLine(failure is ArgumentException { ParamName: { } name }
                ? failure.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
                : failure.Message));
            return ExitCodes.Failure;
        }
    }

    /// <summary>What is said after a stop.</summary>
    /// <param name="kept">In words, what keeps finished trials; <see langword="null"/> if nothing is kept.</param>
    public static string DescribeStop(string? kept) => kept is null
        ? "Stopped. Nothing is kept: the same command begins anew."
        : $"Stopped. Finished trials are kept in {kept}: the same command goes on from there.";

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
