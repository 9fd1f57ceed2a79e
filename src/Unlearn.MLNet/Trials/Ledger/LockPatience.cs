using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>Keeps trying while another process holds the lock of a ledger: it may be a backup, or a process that was put to sleep.</summary>
/// <param name="longest">Time after which it gives up.</param>
/// <param name="tell">Is told how long it has waited, every few seconds; may be <see langword="null"/>.</param>
/// <param name="cancellationToken">Ends the waiting.</param>
internal sealed class LockPatience(TimeSpan longest, Action<TimeSpan>? tell = null, CancellationToken cancellationToken = default)
{
    /// <summary>Time after which it gives up unless told otherwise.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromHours(1);

    /// <summary>Time that SQLite itself tries, without a word.</summary>
    public const int SecondsOfTry = 1;

    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(10);

    private volatile bool _hasRunOut;

    /// <summary>Time after which it gives up.</summary>
    public TimeSpan Longest { get; } = longest;

    /// <summary>Does a step of SQLite, and again while another process holds the lock.</summary>
    /// <param name="step">The step; gives SQLite's result.</param>
    /// <returns>The first other result; the same one if patience has run out.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public int Repeat(Func<int> step)
    {
        var (started, told) = (TimeProvider.System.GetTimestamp(), TimeSpan.Zero);
        while (true)
        {
            var result = step();
            if (!IsBusy(result))
            {
                _hasRunOut = false;
                return result;
            }
            // Once is enough: what is left to do then, such as closing, does not wait again.
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            if (_hasRunOut || elapsed >= Longest)
            {
                _hasRunOut = true;
                return result;
            }
            cancellationToken.ThrowIfCancellationRequested();
            if (tell is not null && (told == TimeSpan.Zero || elapsed - told >= TellInterval))
                tell(told = elapsed);
        }
    }

    /// <summary>The same for work that throws what SQLite says.</summary>
    public T Repeat<T>(Func<T> work)
    {
        T value = default!;
        SqliteException? failure = null;
        Repeat(() =>
        {
            try
            {
                (value, failure) = (work(), null);
                return raw.SQLITE_OK;
            }
            catch (SqliteException busy) when (IsBusy(busy.SqliteErrorCode))
            {
                failure = busy;
                return busy.SqliteErrorCode;
            }
        });
        return failure is null ? value : throw failure;
    }

    /// <summary>Whether a result of SQLite, also an extended one, says that another connection holds the lock.</summary>
    public static bool IsBusy(int result) => (result & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;
}
