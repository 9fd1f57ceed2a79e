namespace Unlearn.Distributed.Jobs;

/// <summary>A job that a coordinator waits for.</summary>
/// <param name="add">Adds the job to the store, and gives its id.</param>
internal abstract class OpenJob(Func<string> add)
{
    private const int StoreFailuresAllowed = 5;

    private int _storeFailures;

    public string Id { get; private set; } = "";

    /// <summary>Since when nobody has been seen to work on it, though it is not done; <see langword="null"/> if somebody does.</summary>
    public long? Abandoned { get; set; }

    /// <summary>Adds the job, or adds it again.</summary>
    public void Add() => (Id, Abandoned) = (add(), null);

    /// <summary>Adds the job again, since Hangfire could not write down where it stands.</summary>
    /// <returns>Whether that has not happened too often.</returns>
    public bool AddAgain()
    {
        if (_storeFailures == StoreFailuresAllowed)
            return false;
        Add();
        _storeFailures++;
        return true;
    }
}

/// <inheritdoc/>
/// <param name="work">What is to be done.</param>
/// <param name="add">Adds a job of this work to the store, and gives its id.</param>
internal sealed class OpenJob<T>(T work, Func<T, string> add) : OpenJob(() => add(work))
{
    public T Work { get; } = work;
}
