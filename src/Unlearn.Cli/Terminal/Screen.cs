using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
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

    private readonly TextWriter _output;
    private readonly TextWriter _errors;

    /// <param name="output">Results.</param>
    /// <param name="errors">Errors, and progress where the results are JSON.</param>
    /// <param name="isTerminal">Whether a person looks at it, so that bars may move and colors show.</param>
    public Screen(TextWriter output, TextWriter errors, bool isTerminal)
    {
        (_output, _errors, IsTerminal) = (output, errors, isTerminal);
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
    public TextWriter ProgressLines => IsQuiet ? TextWriter.Null : IsJson ? _errors : _output;

    /// <summary>An explanation, for people.</summary>
    public void Say(string line)
    {
        if (ShowsText)
            _output.WriteLine(line);
    }

    /// <summary>A result, such as the path of a file: quiet commands say it too.</summary>
    public void Result(string line)
    {
        if (!IsJson)
            _output.WriteLine(line);
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
            _output.WriteLine(JsonSerializer.Serialize(result, JsonOptions));
    }

    public void Error(string message)
    {
        if (IsTerminal && !Console.IsErrorRedirected)
            AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(_errors), ColorSystem = Ansi.Profile.Capabilities.ColorSystem == ColorSystem.NoColors
                ? ColorSystemSupport.NoColors
                : ColorSystemSupport.Detect })
                .MarkupLineInterpolated($"[red]{message}[/]");
        else
            _errors.WriteLine(message);
    }

    /// <summary>Runs a command's work. What it fails with becomes a line and an exit code.</summary>
    /// <param name="kept">What is kept after a stop, for the message.</param>
    /// <param name="work">The work.</param>
    public async Task<int> RunAsync(Func<string?> kept, Func<Task<int>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Error(kept() is { } folder ? $"Stopped. Finished trials are kept in '{folder}': the same command goes on from there." : "Stopped.");
            return ExitCodes.Stopped;
        }
        catch (UsageException wrong)
        {
            Error(OneLine(wrong.Message));
            return ExitCodes.Usage;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or ArgumentException or InvalidOperationException
            or NotSupportedException or UnauthorizedAccessException or FormatException or OverflowException
            or TorchUnavailableException or TrainingDivergedException or TrialFailedException or TrialLedgerException)
        {
            Error(IsVerbose ? failure.ToString() : OneLine(failure.Message));
            return ExitCodes.Failure;
        }
    }

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
