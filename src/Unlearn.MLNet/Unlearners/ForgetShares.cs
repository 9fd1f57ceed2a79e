namespace Unlearn.MLNet;

/// <summary>Shares of the rows that group trials forget, unless said otherwise.</summary>
public static class ForgetShares
{
    /// <summary>Share of exact unlearners, such as EU and SISA, in (0, 1): large, so that few retrainings leave each row out often.</summary>
    public const double Exact = 0.3;

    /// <summary>Share of approximate unlearners, in (0, 1): small, since they are made for few rows.</summary>
    public const double Approximate = 0.1;

    /// <summary>The share of an unlearner.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <returns><see cref="Exact"/> or <see cref="Approximate"/>.</returns>
    public static double Of(IUnlearner unlearner)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        return unlearner.IsExact ? Exact : Approximate;
    }
}
