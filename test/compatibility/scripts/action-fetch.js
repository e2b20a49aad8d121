exports.onExecutePostUserRegistration = async (event, api) => {
    try {
        const response = await fetch(
            `${event.secrets.APP_URL}/users`,
            {
                method: 'POST',
                headers: {
                    'Authorization': `Bearer ${event.secrets.APP_SECRET}`,
                    'Content-Type': 'application/json'
                },
                body: JSON.stringify({ id: event.user.user_id, email: event.user.email })
            }
        );
        if (!response.ok) throw new Error(`sync failed: ${response.status}`);
        console.log('synced', (await response.json()).id);
    } catch (error) {
        console.error('Error syncing:', error.message);
        throw error;
    }
};
